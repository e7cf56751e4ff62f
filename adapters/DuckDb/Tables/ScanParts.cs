using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>
/// A scan in parts where files must be fetched first: while one part is read, the files of the next are on their way, and no more of a table
/// lies on this machine than two parts. A local table is one part.
/// </summary>
internal sealed class ScanParts(ScanRequest request) : IAsyncDisposable
{
    private const int MostFiles = 64;
    private const long MostBytes = 256L << 20;

    private readonly IReadOnlyList<AddFile> _files = request.Files ?? request.Snapshot.Files;
    private readonly CancellationTokenSource _stop = new();
    private Task<IFetchedFiles>? _ahead;
    private IFetchedFiles? _held;
    private int _next;
    private bool _isFirst = true;

    /// <summary>Rows that were read so far.</summary>
    public long Given { get; set; }

    /// <summary>What to read next; null at the end.</summary>
    public async Task<ScanRequest?> NextAsync(CancellationToken cancellationToken)
    {
        var isDone = !_isFirst && (_next >= _files.Count || Given >= request.Limit);
        if (isDone)
            return null;
        _isFirst = false;
        if (request.Snapshot.Store.IsLocal)
        {
            _next = _files.Count;
            return request;
        }

        _held?.Dispose();
        _held = _ahead is null ? null : await _ahead.WaitAsync(cancellationToken);
        _ahead = null;
        var part = Part(_next);
        _next += part.Count;
        if (Part(_next) is { Count: > 0 } following)
            _ahead = request.Snapshot.Store.FetchAsync(request.Snapshot.Table, [.. following.Select(file => new WantedFile(file.Path, file.Size))], _stop.Token);
        return request with { Files = part, Limit = request.Limit - Given };
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _held?.Dispose();
        if (_ahead is not null)
        {
            await ((Task)_ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ahead.IsCompletedSuccessfully)
                (await _ahead).Dispose();
        }

        _stop.Dispose();
    }

    private List<AddFile> Part(int start)
    {
        List<AddFile> part = [];
        long bytes = 0;
        for (var i = start; i < _files.Count && part.Count < MostFiles && (part.Count == 0 || bytes + _files[i].Size <= MostBytes); i++)
        {
            part.Add(_files[i]);
            bytes += _files[i].Size;
        }

        return part;
    }
}
