namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Growing pauses while something is out of reach; reset by the first success.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private int _failures;

    public TimeSpan Current => TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(6, Math.Max(0, Volatile.Read(ref _failures) - 1))));

    public void Succeeded() => Volatile.Write(ref _failures, 0);

    /// <summary>Waits; ends early and quietly when cancelled.</summary>
    public async Task FailedAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _failures);
        try
        {
            await Task.Delay(Current, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The caller decides what a stop means.
        }
    }
}
