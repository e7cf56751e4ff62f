using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>A CSV file (RFC 4180) whose first line names the columns; they are matched to the contract's fields by name or alias.</summary>
internal sealed class CsvSource : IRowSource
{
    private readonly FileStream _file;
    private readonly IngestionOptions _options;
    private readonly CsvFields _fields = new();
    private readonly int[] _fieldOfColumn;
    private readonly RecordReader _records;
    private readonly FileFingerprint? _fingerprint;
    private long _rows;

    private CsvSource(FileStream file, RecordReader records, int[] fieldOfColumn, SourcePosition position, IngestionOptions options)
    {
        _file = file;
        _records = records;
        _fieldOfColumn = fieldOfColumn;
        _rows = position.Rows;
        _fingerprint = position.File;
        _options = options;
    }

    public long? Total => null;

    public SourcePosition Position => new() { Rows = _rows, Offset = _records.Offset, File = _fingerprint };

    public static async Task<CsvSource> OpenAsync(string path, RowSchema schema, SourcePosition position, IngestionOptions options, CancellationToken cancellationToken)
    {
        var file = SourceFile.Open(path);
        try
        {
            var records = new RecordReader(file, options, quoted: true);
            var columns = Map(path, await ReadHeaderAsync(path, records, cancellationToken), schema);
            if (position.Offset > 0)
            {
                records.Dispose();
                file.Seek(position.Offset, SeekOrigin.Begin);
                records = new RecordReader(file, options, quoted: true, position.Offset);
            }

            return new CsvSource(file, records, columns, position, options);
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
            if (_records.TryRead(out var record))
                Add(batch, record);
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

    private void Add(EventBatch batch, InputRecord record)
    {
        var position = _rows++;
        if (record.Length > _options.MaxEventBytes)
        {
            batch.Reject(batch.TooLarge(record.Length), record, position);
            return;
        }

        if (_fields.Split(record.Bytes) is { } broken)
        {
            batch.Reject(broken, record, position);
            return;
        }

        if (_fields.Count != _fieldOfColumn.Length)
        {
            var reason = new RejectReason("columns", null, string.Create(CultureInfo.InvariantCulture, $"{_fields.Count} columns"), string.Create(CultureInfo.InvariantCulture, $"{_fieldOfColumn.Length} columns, as in the header"));
            batch.Reject(reason, record, position);
            return;
        }

        for (var i = 0; i < _fieldOfColumn.Length; i++)
        {
            if (_fieldOfColumn[i] >= 0 && !TrySet(batch.Builder, i, out var fault))
            {
                batch.Builder.Cancel();
                batch.Reject(EventBatch.From(fault), record, position);
                return;
            }
        }

        if (batch.Builder.TryComplete(out var missing))
            batch.AddRow(record, position);
        else
            batch.Reject(EventBatch.From(missing), record, position);
    }

    /// <summary>An empty field without quotes is no value, as in most tools that write CSV; with quotes it is an empty text.</summary>
    private bool TrySet(RowBuilder builder, int column, out RowFault fault) => _fields.IsEmpty(column)
        ? builder.TrySetText(_fieldOfColumn[column], (string?)null, out fault)
        : builder.TrySetText(_fieldOfColumn[column], _fields[column], out fault);

    private static async Task<string[]> ReadHeaderAsync(string path, RecordReader records, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryReadHeader(path, records, out var header))
                return header;
            if (!await records.FillAsync(cancellationToken))
                throw new SourceException($"file '{path}': found no line; expected a header with the column names. Add one.");
        }
    }

    private static bool TryReadHeader(string path, RecordReader records, out string[] header)
    {
        header = [];
        if (!records.TryRead(out var record))
            return false;
        var fields = new CsvFields();
        if (fields.Split(record.Bytes) is { } broken)
            throw new SourceException($"file '{path}': header: found {broken.Found}; expected {broken.Expected}. Correct the first line.");
        header = new string[fields.Count];
        for (var i = 0; i < header.Length; i++)
            header[i] = fields[i].Trim().ToString();
        return true;
    }

    private static int[] Map(string path, string[] header, RowSchema schema)
    {
        var map = new FieldMap(schema);
        var columns = header.Select(map.Find).ToArray();
        map.Check($"file '{path}'", columns, header);
        return columns;
    }
}
