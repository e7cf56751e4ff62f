using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>
/// Starts operations at a fixed rate, whether earlier ones have ended or not. A duration counts from the moment its
/// operation was due: a stall delays all that were due in it, and all of them show it.
/// </summary>
internal static partial class OpenLoop
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <param name="operation">Gets the timestamp it was due at. Its failures end the run.</param>
    /// <param name="onMeasured">Called once, when the warm-up is over.</param>
    public static async Task<Latencies> RunAsync(int perSecond, SidecarSettings settings, Func<long, Task> operation, Func<Task>? onMeasured, CancellationToken cancellationToken)
    {
        var warmUp = (int)(settings.WarmUp.TotalSeconds * perSecond);
        var measured = (int)(settings.Measured.TotalSeconds * perSecond);
        var latencies = new Latencies(measured);
        var running = new Task[measured];
        var warming = new Task[warmUp];
        // A thread of its own: the pool's are the operations'.
        await Task.Factory.StartNew(() => Pace(perSecond, warming, operation, null, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(warming).WaitAsync(Grace, TimeProvider.System, cancellationToken);
        if (onMeasured is not null)
            await onMeasured();
        await Task.Factory.StartNew(() => Pace(perSecond, running, operation, latencies, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(running).WaitAsync(Grace, TimeProvider.System, cancellationToken);
        return latencies;
    }

    private static void Pace(int perSecond, Task[] running, Func<long, Task> operation, Latencies? latencies, CancellationToken cancellationToken)
    {
        var interval = Stopwatch.Frequency / perSecond;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < running.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var due = start + (i * interval);
            WaitUntil(due);
            running[i] = MeasureAsync(operation, due, latencies);
        }
    }

    private static async Task MeasureAsync(Func<long, Task> operation, long due, Latencies? latencies)
    {
        await operation(due);
        latencies?.AddSince(due);
    }

    private static void WaitUntil(long due)
    {
        while (due - Stopwatch.GetTimestamp() is > 0 and var left)
        {
            // Timers of the runtime are good to a millisecond, which is more than what is measured here.
            if (OperatingSystem.IsLinux())
                Sleep(new TimeSpec { Nanoseconds = (nint)Math.Min(999_999_999, left * (1_000_000_000 / Stopwatch.Frequency)) }, 0);
            else
                Thread.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in TimeSpec time, nint remaining);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
