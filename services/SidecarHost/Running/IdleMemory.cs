namespace RealTimeMesh.SidecarHost.Running;

/// <summary>
/// Gives memory back when the load that needed it is over: without allocations the runtime would never collect, and a
/// sidecar would keep the size of its busiest moment. Under load it does nothing.
/// </summary>
internal sealed class IdleMemory : IAsyncDisposable
{
    private const long MiB = 1024 * 1024;

    /// <summary>Growth that is worth a collection.</summary>
    private const long LeastGrowth = 16 * MiB;

    /// <summary>A quarter of a large process is not much.</summary>
    private const int GrowthShare = 4;

    /// <summary>Heaps above that are left to the runtime: moving all of it would take too long.</summary>
    private const long LargestHeap = 512 * MiB;

    /// <summary>More allocation than that in an interval is load.</summary>
    private const long QuietAllocation = 48 * MiB;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly PeriodicTimer _timer;
    private readonly Task _watching;

    private IdleMemory(TimeProvider time)
    {
        _timer = new PeriodicTimer(Interval, time);
        _watching = WatchAsync();
    }

    public static IdleMemory Watch(TimeProvider time) => new(time);

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _watching;
    }

    private async Task WatchAsync()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var least = Environment.WorkingSet;
        var sinceTrim = 0L;
        while (await _timer.WaitForNextTickAsync())
        {
            var now = GC.GetTotalAllocatedBytes();
            var lately = now - allocated;
            allocated = now;
            sinceTrim += lately;
            var size = Environment.WorkingSet;
            least = Math.Min(least, size);
            // What was not allocated through the collector is not the collector's to give back.
            if (lately > QuietAllocation || sinceTrim < LeastGrowth || size - least < Math.Max(LeastGrowth, least / GrowthShare) || GC.GetGCMemoryInfo().HeapSizeBytes > LargestHeap)
                continue;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            least = Environment.WorkingSet;
            sinceTrim = 0;
        }
    }
}
