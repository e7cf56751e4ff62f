using System.Diagnostics;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Callers that each begin their next operation when the last has ended: the most a server does.</summary>
internal static class ClosedLoop
{
    /// <param name="operation">Gets the number of its caller. Its failures end the run.</param>
    /// <param name="sidecar">Whose use of processor and memory is told; null for none.</param>
    public static async Task<Throughput> RunAsync(int callers, SidecarSettings settings, Func<int, Task> operation, SidecarProcess? sidecar, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var counts = new Count[callers];
        var running = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(caller), cancellationToken)));
        await WaitAsync(settings.WarmUp);
        var (before, countBefore, started) = (await FactsAsync(), Total(), Stopwatch.GetTimestamp());
        await WaitAsync(settings.Measured);
        var (operations, elapsed) = (Total() - countBefore, Stopwatch.GetElapsedTime(started));
        var used = await FactsAsync() - before;
        await ended.CancelAsync();
        await running;
        return new Throughput(operations, elapsed, used);

        async Task CallAsync(int caller)
        {
            while (!ended.IsCancellationRequested)
            {
                await operation(caller);
                Interlocked.Increment(ref counts[caller].Value);
                // Operations that end at once would never let go of the thread.
                if ((counts[caller].Value & 1023) == 0)
                    await Task.Yield();
            }
        }

        // A failed caller ends the wait.
        async Task WaitAsync(TimeSpan time) => await await Task.WhenAny(running, Task.Delay(time, TimeProvider.System, cancellationToken));

        async Task<RuntimeFacts> FactsAsync() => sidecar is null ? default : await sidecar.FactsAsync(cancellationToken);

        long Total() => counts.Sum(count => Interlocked.Read(ref count.Value));
    }

    private struct Count
    {
        public long Value;
    }
}

/// <summary>What was done in a time, and what it cost the sidecar.</summary>
internal readonly record struct Throughput(long Operations, TimeSpan Elapsed, RuntimeFacts Used)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;
}
