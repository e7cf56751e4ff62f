using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>
/// Reads one file to its end. Where faults are skipped, what can't be read any more becomes one dead letter with the
/// reason, and the file ends there.
/// </summary>
internal sealed class FileReading(IFileFormat format, FilePart file, StreamSpec stream, SourcePosition position) : IRowSource
{
    private IRowSource? _rows;
    private bool _ended = position.Ended;
    private int _skipped;

    public long? Total => _rows?.Total;

    public SourcePosition Position
    {
        get
        {
            var reached = _rows?.Position ?? position;
            return reached with { Rows = reached.Rows + _skipped, File = position.File, Ended = _ended || reached.Ended };
        }
    }

    /// <summary>Opens the file now, so that a fault is known before the first row is asked for.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken) => _rows = await format.OpenAsync(file, stream, position, cancellationToken);

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        if (_ended)
            return false;
        try
        {
            if (_rows is null)
                await OpenAsync(cancellationToken);
            return await _rows!.ReadAsync(batch, maxRows, cancellationToken);
        }
        catch (SourceException e) when (file.OnError == FileFaultPolicy.Skip)
        {
            Skip(batch, e.Message);
            return false;
        }
    }

    /// <summary>Ends the file with a dead letter.</summary>
    public void Skip(EventBatch batch, string reason)
    {
        batch.Reject(FileFaults.Reason(file.Path, reason), new InputRecord([]), Position.Rows);
        _skipped = 1;
        _ended = true;
    }

    public ValueTask DisposeAsync() => _rows?.DisposeAsync() ?? ValueTask.CompletedTask;
}
