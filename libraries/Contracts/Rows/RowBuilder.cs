namespace RealTimeMesh.Contracts;

/// <summary>
/// Builds one row at a time in a batch, field by field in any order: for sources that have columns of their own (CSV,
/// Parquet). After a fault the row is taken back with <see cref="Cancel"/>; the next row starts after
/// <see cref="TryComplete"/> or <see cref="Cancel"/>. Only the contract's columns are touched, which are the first of the batch.
/// </summary>
public sealed class RowBuilder
{
    private readonly Column[] _columns;
    private int _start;

    public RowBuilder(RowSchema schema, ColumnBatch output)
    {
        if (schema.Fields.Count == 0)
            throw new ContractException("contract: no fields; expected at least one; a row without columns cannot be counted");

        _columns = output.ColumnArray[..schema.Fields.Count];
        _start = _columns[0].Count;
    }

    /// <summary>Sets a field from text, as CSV has it: see <see cref="RowConverter.TryAppendText(Column, string, out RowFault)"/>.</summary>
    public bool TrySetText(int field, string? text, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppendText(column, text, out fault);

    public bool TrySetText(int field, ReadOnlySpan<char> text, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppendText(column, text, out fault);

    /// <summary>Sets a field from text in UTF-8, by the rules of text.</summary>
    public bool TrySetUtf8(int field, ReadOnlySpan<byte> text, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppendUtf8Text(column, text, out fault);

    public bool TrySetNull(int field, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppendNull(column, out fault);

    public bool TrySetInt64(int field, long value, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppend(column, value, out fault);

    public bool TrySetDouble(int field, double value, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppend(column, value, out fault);

    public bool TrySetDecimal(int field, decimal value, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppend(column, value, out fault);

    public bool TrySetBoolean(int field, bool value, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppend(column, value, out fault);

    /// <summary>Sets a field from a typed source's text, by the rules of text.</summary>
    public bool TrySetString(int field, string value, out RowFault fault) => TrySetText(field, value, out fault);

    public bool TrySetBytes(int field, byte[] value, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppend(column, value, out fault);

    /// <summary>Sets a timestamp (or date) field from microseconds since 1970-01-01T00:00:00Z.</summary>
    public bool TrySetInstant(int field, long micros, out RowFault fault) =>
        TryOpen(field, out var column, out fault) && RowConverter.TryAppendInstant(column, micros, out fault);

    /// <summary>Sets a timestamp (or date) field; a time of unspecified kind is UTC. Refused where it is finer than a microsecond.</summary>
    public bool TrySetDateTime(int field, DateTime value, out RowFault fault)
    {
        var utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value;
        var ticks = utc.Ticks - DateTime.UnixEpoch.Ticks;
        if (ticks % TimeSpan.TicksPerMicrosecond == 0)
            return TrySetInstant(field, ticks / TimeSpan.TicksPerMicrosecond, out fault);

        fault = RowFaults.Type(_columns[field].Field, $"timestamp {utc:O}");
        return false;
    }

    /// <summary>Fills what was not set with defaults and nulls. On false the row is taken back.</summary>
    public bool TryComplete(out RowFault fault)
    {
        fault = default;
        foreach (var column in _columns)
        {
            if (column.Count != _start || RowConverter.TryAppendMissing(column, out fault))
                continue;

            Cancel();
            return false;
        }

        _start++;
        return true;
    }

    /// <summary>Takes the unfinished row back.</summary>
    public void Cancel()
    {
        foreach (var column in _columns)
            column.Truncate(_start);
    }

    /// <summary>Starts over where the batch was cleared or truncated by its owner.</summary>
    public void Reset() => _start = _columns[0].Count;

    private bool TryOpen(int field, out Column column, out RowFault fault)
    {
        column = _columns[field];
        if (column.Count == _start)
        {
            fault = default;
            return true;
        }

        fault = RowFaults.Twice(column.Field);
        return false;
    }
}
