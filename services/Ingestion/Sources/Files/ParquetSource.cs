using System.Buffers;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>A Parquet file; its columns are matched to the contract's fields by name or alias. One row group at a time is in memory.</summary>
internal sealed class ParquetSource : IRowSource
{
    private readonly FileStream _file;
    private readonly ParquetReader _reader;
    private readonly ParquetColumn[] _columns;
    private readonly IngestionOptions _options;
    private readonly ArrayBufferWriter<byte> _original = new(1024);
    private readonly FilePart _part;
    private readonly SourcePosition _begun;
    private long _rows;
    private int _rowGroup;
    private int _rowInGroup;
    private int _rowsInGroup = -1;

    private ParquetSource(FilePart part, FileStream file, ParquetReader reader, ParquetColumn[] columns, SourcePosition position, IngestionOptions options)
    {
        _file = file;
        _reader = reader;
        _columns = columns;
        _options = options;
        _rows = position.Rows;
        _part = part;
        _begun = position;
        _rowGroup = position.RowGroup;
        _rowInGroup = position.RowInGroup;
        Total = reader.RowGroups.Sum(group => group.RowCount);
    }

    public long? Total { get; }

    public SourcePosition Position => _begun with { Rows = _rows, RowGroup = _rowGroup, RowInGroup = _rowInGroup };

    public static async Task<ParquetSource> OpenAsync(FilePart part, RowSchema schema, SourcePosition position, IngestionOptions options, CancellationToken cancellationToken)
    {
        var path = part.Path;
        var file = SourceFile.Open(path);
        try
        {
            var reader = await ParquetReader.CreateAsync(file, leaveStreamOpen: true, cancellationToken: cancellationToken);
            return new ParquetSource(part, file, reader, Map(path, reader, schema), position, options);
        }
        catch (Exception e) when (e is not (OperationCanceledException or SourceException))
        {
            await file.DisposeAsync();
            throw new SourceException($"file '{path}': not readable as Parquet ({e.Message}). Check the file, or set 'format' in pipeline.yaml.", e);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        while (batch.Count < maxRows && batch.Bytes < _options.PublishBytes)
        {
            if (_rowGroup >= _reader.RowGroupCount)
                return false;
            if (_rowsInGroup < 0)
                await LoadAsync(cancellationToken);
            for (; _rowInGroup < _rowsInGroup && batch.Count < maxRows; _rowInGroup++)
                Add(batch, _rowInGroup, _rows++);
            if (_rowInGroup < _rowsInGroup)
                break;
            _rowGroup++;
            _rowInGroup = 0;
            _rowsInGroup = -1;
        }

        return _rowGroup < _reader.RowGroupCount;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var column in _columns)
            column.Dispose();
        await _reader.DisposeAsync();
        await _file.DisposeAsync();
    }

    private static ParquetColumn[] Map(string path, ParquetReader reader, RowSchema schema)
    {
        var map = new FieldMap(schema);
        foreach (var nested in reader.Schema.Fields.Where(field => field is not DataField && map.Find(field.Name) >= 0))
            throw new SourceException($"file '{path}': column '{nested.Name}': found a {nested.SchemaType.ToString().ToLowerInvariant()} of columns; expected a flat column. Flatten it, or rename it if the contract's field is another.");
        var fields = reader.Schema.DataFields;
        var ordinals = fields.Select(field => map.Find(field.Path.Length == 1 ? field.Name : field.Path.ToString())).ToArray();
        map.Check($"file '{path}'", ordinals, [.. fields.Select(field => field.Name)]);
        List<ParquetColumn> columns = [];
        for (var i = 0; i < fields.Length; i++)
        {
            if (ordinals[i] >= 0)
                columns.Add(ParquetColumn.Create(fields[i], ordinals[i]) ?? throw new SourceException($"file '{path}': column '{fields[i].Name}': found {(fields[i].IsArray ? "a list of " : "")}{fields[i].ClrType.Name}; expected a flat column of numbers, text, bytes, booleans or times. Convert the column."));
        }

        return [.. columns];
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var group = _reader.OpenRowGroupReader(_rowGroup);
        foreach (var column in _columns)
        {
            try
            {
                await column.LoadAsync(group, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException && (e is not IOException || e is EndOfStreamException))
            {
                // The decoders of pages throw whatever the broken bytes lead them to.
                throw new SourceException($"file '{_part.Path}': row group {_rowGroup}, column '{column.Name}': found bytes that cannot be read ({e.Message}). Repair the file, or set 'onError: skip' to go on without the rest of it.", e);
            }
        }

        _rowsInGroup = checked((int)group.RowCount);
    }

    private void Add(EventBatch batch, int row, long position)
    {
        var builder = batch.Builder;
        foreach (var column in _columns)
        {
            if (column.TrySet(builder, row, out var fault))
                continue;
            builder.Cancel();
            batch.Reject(EventBatch.From(fault), Original(row), position);
            return;
        }

        if (!builder.TryComplete(out var missing))
            batch.Reject(EventBatch.From(missing), Original(row), position);
        else if (!batch.TryAddRow(position, out var reason))
            batch.Reject(reason, Original(row), position);
    }

    /// <summary>The row as JSON: a column file has no bytes of a row to keep.</summary>
    private InputRecord Original(int row)
    {
        _original.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_original);
        json.WriteStartObject();
        foreach (var column in _columns)
            column.Write(json, row);
        json.WriteEndObject();
        json.Flush();
        return new InputRecord(_original.WrittenSpan);
    }
}

/// <summary>Parquet files.</summary>
internal sealed class ParquetFormat(IngestionOptions options) : IFileFormat
{
    public string Name => FileFormats.Parquet;

    public async Task<IRowSource> OpenAsync(FilePart file, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken) =>
        await ParquetSource.OpenAsync(file, stream.Contract.Rows, position, options, cancellationToken);
}
