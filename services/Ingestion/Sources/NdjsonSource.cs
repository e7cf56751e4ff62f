using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>A file with one JSON object on each line.</summary>
internal sealed class NdjsonSource : IRowSource
{
    private readonly FileStream _file;
    private readonly RecordReader _records;
    private readonly IngestionOptions _options;
    private readonly FileFingerprint? _fingerprint;
    private long _rows;

    public NdjsonSource(string path, SourcePosition position, IngestionOptions options)
    {
        _options = options;
        _file = SourceFile.Open(path);
        _file.Seek(position.Offset, SeekOrigin.Begin);
        _records = new RecordReader(_file, options, quoted: false, position.Offset);
        _rows = position.Rows;
        _fingerprint = position.File;
    }

    public long? Total => null;

    public SourcePosition Position => new() { Rows = _rows, Offset = _records.Offset, File = _fingerprint };

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        while (batch.Count < maxRows && batch.Bytes < _options.PublishBytes)
        {
            if (_records.TryRead(out var record))
                batch.AddJson(record, _rows++);
            else if (!await _records.FillAsync(cancellationToken))
                return false;
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _records.Dispose();
        await _file.DisposeAsync();
    }
}
