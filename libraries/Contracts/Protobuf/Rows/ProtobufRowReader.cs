namespace RealTimeMesh.Contracts;

/// <summary>
/// Reads messages of one Protobuf type into rows of a contract, straight from the wire by a plan that is made once.
/// Fields meet by name; fields of the message that the contract does not have are passed over. Made by
/// <see cref="ProtobufSchema.Compile"/>; immutable; may be shared between threads.
/// </summary>
public sealed class ProtobufRowReader
{
    private const string Expected = "a message of type ";

    /// <summary>Numbers up to here are found by index.</summary>
    private const int Indexed = 256;

    private readonly Entry?[] _entries = new Entry?[Indexed];
    private readonly Dictionary<int, Entry> _others = [];
    private readonly Entry?[] _byColumn;
    private readonly string _expected;

    internal ProtobufRowReader(string message, IReadOnlyList<Entry> entries, int columns)
    {
        Message = message;
        _expected = Expected + message;
        _byColumn = new Entry?[columns];
        foreach (var entry in entries)
        {
            if (entry.Absent is not null || _byColumn[entry.Column] is null)
                _byColumn[entry.Column] = entry;
            if (entry.Number < Indexed)
                _entries[entry.Number] = entry;
            else
                _others[entry.Number] = entry;
        }
    }

    /// <summary>Full name of the message's type.</summary>
    public string Message { get; }

    /// <summary>Appends one row to the contract's columns, the first ones of <paramref name="output"/>. False, with the reason, and nothing appended, where the bytes are no such message or a value does not fit.</summary>
    public bool TryRead(ReadOnlySpan<byte> message, ColumnBatch output, out RowFault fault)
    {
        var columns = output.ColumnArray.AsSpan(0, _byColumn.Length);
        var start = columns[0].Count;
        var cursor = new ProtoCursor(message);
        if (TryReadFields(ref cursor, columns, start, out fault) && TryFillAbsent(columns, start, out fault))
            return true;

        foreach (var column in columns)
            column.Truncate(start);

        return false;
    }

    private bool TryReadFields(ref ProtoCursor cursor, ReadOnlySpan<Column> columns, int start, out RowFault fault)
    {
        fault = default;
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out var number, out var wire))
                return Broken(cursor, null, out fault);

            if (Find(number) is not { } entry)
            {
                if (!cursor.TrySkip(number, wire))
                    return Broken(cursor, null, out fault);

                continue;
            }

            if (wire != entry.Step.Wire)
            {
                fault = new RowFault(entry.Name, RowRules.Protobuf, $"wire type {wire} of field {number} at byte {cursor.Position}", $"wire type {entry.Step.Wire}, as {Message} has it");
                return false;
            }

            // Of a field that comes twice the last one counts, and of the members of a oneof too.
            var column = columns[entry.Column];
            if (column.Count > start)
                column.Truncate(start);

            foreach (var sibling in entry.Siblings)
                columns[sibling].Truncate(start);

            if (!entry.Step.TryRead(ref cursor, column, out fault))
                return cursor.Error is not null && Broken(cursor, entry.Name, out fault);
        }

        return true;
    }

    private bool TryFillAbsent(ReadOnlySpan<Column> columns, int start, out RowFault fault)
    {
        fault = default;
        for (var i = 0; i < columns.Length; i++)
        {
            var column = columns[i];
            if (column.Count > start)
                continue;

            // Nobody wrote it: what the schema says of that, else what the contract says.
            if (_byColumn[i] is { Absent: { } bytes } entry)
            {
                var none = new ProtoCursor(bytes);
                if (!entry.Step.TryRead(ref none, column, out fault))
                    return false;
            }
            else if (!RowConverter.TryAppendMissing(column, out fault))
            {
                return false;
            }
        }

        return true;
    }

    private Entry? Find(int number) => number < Indexed ? _entries[number] : _others.GetValueOrDefault(number);

    private bool Broken(in ProtoCursor cursor, string? field, out RowFault fault)
    {
        fault = new RowFault(field ?? "", RowRules.Protobuf, cursor.Error!, _expected);
        return false;
    }

    /// <param name="Number">Of the message's field.</param>
    /// <param name="Name">Of the contract's field.</param>
    /// <param name="Column">Of the contract's field.</param>
    /// <param name="Step">Reads a value.</param>
    /// <param name="Absent">The value of a field that was not written; null where that means there is none.</param>
    /// <param name="Siblings">Columns of the other members of its oneof.</param>
    internal sealed record Entry(int Number, string Name, int Column, ProtoStep Step, byte[]? Absent, int[] Siblings);
}
