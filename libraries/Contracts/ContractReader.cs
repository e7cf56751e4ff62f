namespace RealTimeMesh.Contracts;

/// <summary>Reads payloads of one writer schema into rows of a contract. Immutable; may be shared between threads.</summary>
public sealed class ContractReader
{
    private readonly Step[] _steps;
    private readonly int[] _defaults;
    private readonly int _columns;
    private readonly string _expected;

    private ContractReader(Step[] steps, int[] defaults, int columns, string writer)
    {
        _expected = $"Avro binary of {writer}";
        _steps = steps;
        _defaults = defaults;
        _columns = columns;
    }

    /// <summary>Appends one row to the contract's columns, which are the first ones of <paramref name="output"/>. False, with the reason, and nothing appended, where the payload is not of the writer's schema.</summary>
    public bool TryRead(ReadOnlySpan<byte> payload, ColumnBatch output, out string? error) => Told(TryReadRow(payload, output, out var fault), fault, out error);

    /// <summary>As <see cref="TryRead(ReadOnlySpan{byte}, ColumnBatch, out string?)"/>, of a payload that may go on behind the record; <paramref name="length"/> is that of the record.</summary>
    public bool TryRead(ReadOnlySpan<byte> payload, ColumnBatch output, out int length, out string? error) => Told(TryReadRow(payload, output, out length, out var fault), fault, out error);

    /// <summary>As <see cref="TryRead(ReadOnlySpan{byte}, ColumnBatch, out string?)"/>, with the field that is wrong apart from the reason.</summary>
    public bool TryReadRow(ReadOnlySpan<byte> payload, ColumnBatch output, out RowFault fault)
    {
        var start = output.ColumnArray[0].Count;
        if (!TryReadRow(payload, output, out var length, out fault))
            return false;

        return length == payload.Length || Refuse(output.ColumnArray, start, "", $"{payload.Length - length} bytes behind the last field", out fault);
    }

    /// <summary>As the other overload, of a payload that may go on behind the record; <paramref name="length"/> is that of the record.</summary>
    public bool TryReadRow(ReadOnlySpan<byte> payload, ColumnBatch output, out int length, out RowFault fault)
    {
        var columns = output.ColumnArray;
        var start = columns[0].Count;
        length = 0;
        var cursor = new AvroCursor(payload);
        foreach (var step in _steps)
        {
            if (!step.Reader.TryRead(ref cursor, columns[step.Column]))
            {
                cursor.FailedAt(step.Name);
                return Refuse(columns, start, cursor.Path ?? "", cursor.Error!, out fault);
            }
        }

        foreach (var column in _defaults)
            RowConverter.AppendDefault(columns[column]);

        length = cursor.Position;
        fault = default;
        return true;
    }

    /// <summary>Throws <see cref="ContractException"/> where the reader's contract cannot read what the writer's schema writes.</summary>
    internal static ContractReader Resolve(AvroContract reader, AvroSchema writer)
    {
        if (writer is not AvroRecord record)
            throw new ContractException($"contract '{reader.Name}': found a writer schema of type {writer}; expected a record. Check which subject the topic's events are registered under.");

        var steps = new List<Step>(record.Fields.Count);
        var missing = Enumerable.Range(0, reader.Rows.Fields.Count).ToHashSet();
        foreach (var field in record.Fields)
        {
            var ordinal = Find(reader, field.Name, missing);
            if (ordinal < 0)
            {
                steps.Add(new Step(new SkippingReader(field.Schema), 0, field.Name));
                continue;
            }

            var step = ReaderCompiler.Compile(field.Schema, reader.Record.Fields[ordinal].Schema, reader.Rows.Fields[ordinal], out var reason)
                ?? throw new ContractException($"contract '{reader.Name}': field '{field.Name}': {reason}. Write with a compatible schema.");
            steps.Add(new Step(step, ordinal, field.Name));
            missing.Remove(ordinal);
        }

        var defaults = missing.Order().ToArray();
        if (defaults.FirstOrDefault(ordinal => !reader.Rows.Fields[ordinal].HasDefault, -1) is >= 0 and var absent)
            throw new ContractException($"contract '{reader.Name}': field '{reader.Rows.Fields[absent].Name}': the writer's schema does not have it; expected a default. Give the contract's field a default.");

        return new ContractReader([.. steps], defaults, reader.Rows.Fields.Count, record.ToString());
    }

    private static int Find(AvroContract reader, string name, HashSet<int> missing)
    {
        if (reader.Rows.IndexOf(name) is >= 0 and var exact)
            return exact;

        foreach (var ordinal in missing)
        {
            if (reader.Rows.Fields[ordinal].Aliases.Contains(name, StringComparer.Ordinal))
                return ordinal;
        }

        return -1;
    }

    private static bool Told(bool read, in RowFault fault, out string? error)
    {
        error = read ? null : string.IsNullOrEmpty(fault.Field) ? fault.Found : $"field '{fault.Field}': {fault.Found}";
        return read;
    }

    private bool Refuse(Column[] columns, int start, string field, string found, out RowFault fault)
    {
        for (var i = 0; i < _columns; i++)
            columns[i].Truncate(start);

        fault = new RowFault(field, RowRules.Avro, found, _expected);
        return false;
    }

    private readonly record struct Step(FieldReader Reader, int Column, string Name);
}
