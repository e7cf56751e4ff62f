using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>Tells when something in the resource folders has changed: at once by the operating system, and again at each interval in case that was missed.</summary>
internal sealed class ResourceWatcher(SidecarResources resources, TimeProvider time, ILogger<ResourceWatcher> logger) : IDisposable
{
    /// <summary>Editors write a file in several steps, and a test its files one after the other.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Watches from here on, so that nothing between the first reading and <see cref="RunAsync"/> is missed.</summary>
    public void Begin()
    {
        Log.WatchingFolders(logger, string.Join(", ", resources.Paths));
        foreach (var folder in resources.Paths.Where(Directory.Exists))
            _watchers.Add(Watch(folder));
    }

    /// <summary>Calls for each change, and at each interval, until it is cancelled.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> changed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(resources.ReconcileInterval, time);
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var change = _changes.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            if (await Task.WhenAny(tick, change) == tick)
            {
                await tick;
                Log.Reconciling(logger);
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            }
            else
            {
                await change;
                await Task.Delay(Quiet, time, cancellationToken);
                _changes.Reader.TryRead(out _);
                change = _changes.Reader.WaitToReadAsync(cancellationToken).AsTask();
            }

            await changed(cancellationToken);
        }
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers)
            watcher.Dispose();
    }

    private FileSystemWatcher Watch(string folder)
    {
        var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        watcher.Changed += (_, _) => _changes.Writer.TryWrite(true);
        watcher.Created += (_, _) => _changes.Writer.TryWrite(true);
        watcher.Deleted += (_, _) => _changes.Writer.TryWrite(true);
        watcher.Renamed += (_, _) => _changes.Writer.TryWrite(true);
        // Events were lost: look at everything.
        watcher.Error += (_, error) =>
        {
            Log.WatcherFailed(logger, error.GetException().Message);
            _changes.Writer.TryWrite(true);
        };
        watcher.EnableRaisingEvents = true;
        return watcher;
    }
}
