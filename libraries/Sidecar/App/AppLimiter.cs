namespace RealTimeMesh.Sidecar.App;

/// <summary><c>--app-max-concurrency</c>: most calls of the app at once, invocations and deliveries together. Callers wait in turn.</summary>
internal sealed class AppLimiter(int limit) : IDisposable
{
    private readonly SemaphoreSlim? _free = limit > 0 ? new SemaphoreSlim(limit, limit) : null;

    public void Dispose() => _free?.Dispose();

    /// <summary>Waits for a place, which is free again when the returned slot is disposed.</summary>
    public ValueTask<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        if (_free is not { } free)
            return ValueTask.FromResult(default(Slot));
        var entering = free.WaitAsync(cancellationToken);
        return entering.IsCompletedSuccessfully ? ValueTask.FromResult(new Slot(free)) : WaitAsync(free, entering);
    }

    private static async ValueTask<Slot> WaitAsync(SemaphoreSlim free, Task entering)
    {
        await entering;
        return new Slot(free);
    }

    /// <summary>A place in the app. Dispose it once.</summary>
    public readonly struct Slot(SemaphoreSlim? free) : IDisposable
    {
        public void Dispose() => free?.Release();
    }
}
