using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>A file with one JSON object on each line.</summary>
internal sealed class NdjsonSource(Stream text, SourcePosition position, long offset, IngestionOptions options) : IRowSource
{
    private readonly RecordReader _records = new(text, options, offset);
    private long _rows = position.Rows;

    public long? Total => null;

    public SourcePosition Position => position with { Rows = _rows, Offset = _records.Offset };

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        while (batch.Count < maxRows && batch.Bytes < options.PublishBytes)
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
        await text.DisposeAsync();
    }
}

/// <summary>Files of lines of JSON.</summary>
internal sealed class NdjsonFormat(IngestionOptions options) : IFileFormat
{
    public string Name => FileFormats.Ndjson;

    public async Task<IRowSource> OpenAsync(FilePart file, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var offset = Math.Max(position.Offset, file.From);
        return new NdjsonSource(await TextFile.OpenAsync(file, CsvEncoding.Utf8, offset, cancellationToken), position, offset, options);
    }
}
