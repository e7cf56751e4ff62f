using System.Buffers;
using System.Text.Json;

namespace RealTimeMesh.Warehouse.Execution;

/// <summary>Encodes rows into partitions of bounded size.</summary>
internal sealed class ResultBuilder : IDisposable
{
    private readonly WarehouseOptions _options;
    private readonly string _handle;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;
    private long _pageRows;
    private long _bytes;

    public ResultBuilder(WarehouseOptions options, string handle, IReadOnlyList<ResultColumn> columns, (long, long, long)? stats = null)
    {
        _options = options;
        _handle = handle;
        Result = new StatementResult(columns) { Stats = stats };
        _json = new Utf8JsonWriter(_buffer);
        _json.WriteStartArray();
    }

    public StatementResult Result { get; }

    /// <summary>A result of one row, such as a status line or counts of changed rows.</summary>
    public static StatementResult OneRow(WarehouseOptions options, string handle, (long, long, long)? stats, params ReadOnlySpan<(ResultColumn Column, object Value)> cells)
    {
        var columns = new ResultColumn[cells.Length];
        var values = new object?[cells.Length];
        for (var i = 0; i < cells.Length; i++)
            (columns[i], values[i]) = cells[i];
        using var builder = new ResultBuilder(options, handle, columns, stats);
        builder.Add(values);
        return builder.Finish();
    }

    public void Add(object?[] values)
    {
        if (_pageRows == _options.PageRows)
            EndPage();
        _json.WriteStartArray();
        for (var i = 0; i < values.Length; i++)
        {
            if (Result.Columns[i].Encode(values[i]) is { } text)
                _json.WriteStringValue(text);
            else
                _json.WriteNullValue();
        }

        _json.WriteEndArray();
        _pageRows++;
    }

    public StatementResult Finish()
    {
        if (_pageRows > 0 || Result.Partitions.Count == 0)
            EndPage();
        return Result;
    }

    public void Dispose() => _json.Dispose();

    private void EndPage()
    {
        _json.WriteEndArray();
        _json.Flush();
        _bytes += _buffer.WrittenCount;
        if (_bytes > _options.MaxResultMiB * 1024L * 1024)
        {
            Result.Dispose();
            throw new SqlFault("100000", "54000", $"the result is larger than {_options.MaxResultMiB} MiB; expected a smaller one; add a LIMIT or aggregate.");
        }

        var number = Result.Partitions.Count;
        Result.Add(_buffer.WrittenSpan.ToArray(), _pageRows, number == 0 ? null : Path.Combine(_options.Folder, "results", $"{_handle}.{number}.json"));
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartArray();
        _pageRows = 0;
    }
}
