using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Waits until a folder is worth listing again. What the file system tells of is a hint that comes sooner than the poll; where it tells nothing, as on network drives, the poll is enough.</summary>
internal sealed class FolderWatch : IDisposable
{
    /// <summary>Files often come in swarms: one listing for all of them.</summary>
    private static readonly TimeSpan Swarm = TimeSpan.FromMilliseconds(50);

    private readonly FileSystemWatcher? _watcher;
    private readonly SemaphoreSlim _hint = new(0, 1);
    private readonly TimeProvider _time;
    private bool _disposed;

    public FolderWatch(FolderDefinition folder, TimeProvider time, ILogger logger)
    {
        _time = time;
        if (!folder.Watch)
            return;
        try
        {
            _watcher = new FileSystemWatcher(folder.Path) { IncludeSubdirectories = folder.Recursive, NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
            _watcher.Created += (_, _) => Hint();
            _watcher.Renamed += (_, _) => Hint();
            _watcher.Changed += (_, _) => Hint();
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // Such as a system's limit on watches.
            _watcher?.Dispose();
            _watcher = null;
            Log.FolderNotWatched(logger, folder.Path, e.Message, folder.Poll);
        }
    }

    /// <summary>Returns at the next hint, not before <paramref name="least"/> and at the latest after <paramref name="longest"/>.</summary>
    public async Task WaitAsync(TimeSpan least, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hint = _hint.WaitAsync(ended.Token);
        var poll = Task.Delay(longest, _time, ended.Token);
        var first = await Task.WhenAny(hint, poll);
        if (first == hint && !cancellationToken.IsCancellationRequested)
            await Task.WhenAny(poll, Task.Delay(least > Swarm ? least : Swarm, _time, ended.Token));
        await ended.CancelAsync();
        await Task.WhenAll(Quiet(hint), Quiet(poll));
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        lock (_hint)
            _disposed = true;
        _hint.Dispose();
    }

    private static async Task Quiet(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Hint()
    {
        lock (_hint)
        {
            if (!_disposed && _hint.CurrentCount == 0)
                _hint.Release();
        }
    }
}
