using System.Buffers;
using System.Text.Json;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Sources;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Generators;

/// <summary>Rows of a generator, as JSON: its bad rows meet the same checks as anybody's.</summary>
internal sealed class GeneratorSource(IEventGenerator generator, SourceDefinition source, SourcePosition position, IngestionOptions options) : IRowSource
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null);
    private long _row = position.Rows;

    public long? Total => source.Events > 0 ? source.Events : null;

    public SourcePosition Position => new() { Rows = _row };

    public ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (batch.Count < maxRows && batch.Bytes < options.PublishBytes)
        {
            if (_row == Total)
                return ValueTask.FromResult(false);
            _buffer.ResetWrittenCount();
            _json.Reset(_buffer);
            generator.Write(_json, source.Seed, _row);
            _json.Flush();
            batch.AddJson(new InputRecord(_buffer.WrittenSpan), _row++);
        }

        return ValueTask.FromResult(true);
    }

    public ValueTask DisposeAsync() => _json.DisposeAsync();
}
