using System.Collections;
using System.Globalization;

namespace RealTimeMesh.Contracts.Values;

/// <param name="writer">Writes the type below.</param>
/// <param name="widen">Gives a value of a narrower type as one of this type; null where it is none.</param>
/// <param name="expected">For messages.</param>
internal sealed class GenericScalarWriter<T>(ValueWriter<T> writer, Func<object?, T?> widen, string expected) : GenericWriter
    where T : struct
{
    public override int Rank(object? value) => value is T ? 2 : widen(value) is null ? 0 : 1;

    public override bool TryWrite(ref AvroOutput output, object? value) =>
        (value is T exact ? exact : widen(value)) is { } found ? writer.TryWrite(ref output, found) : Fail(ref output, value, expected);
}

internal sealed class GenericReferenceWriter<T>(ValueWriter<T> writer, string expected) : GenericWriter
    where T : class
{
    public override int Rank(object? value) => value is T ? 2 : 0;

    public override bool TryWrite(ref AvroOutput output, object? value) =>
        value is T found ? writer.TryWrite(ref output, found) : Fail(ref output, value, expected);
}

internal sealed class GenericNullWriter : GenericWriter
{
    public override int Rank(object? value) => value is null ? 2 : 0;

    public override bool TryWrite(ref AvroOutput output, object? value) => value is null || Fail(ref output, value, "null");
}

internal sealed class GenericFixedWriter(AvroFixed schema) : GenericWriter
{
    public override int Rank(object? value) => value switch
    {
        AvroFixedValue named => named.Type == schema.FullName ? 2 : 0,
        byte[] bytes => bytes.Length == schema.Size ? 1 : 0,
        _ => 0,
    };

    public override bool TryWrite(ref AvroOutput output, object? value)
    {
        var bytes = (value as AvroFixedValue)?.Bytes ?? value as byte[];
        if (bytes?.Length != schema.Size)
            return Fail(ref output, value, $"{schema.Size} bytes of {schema}");

        output.WriteFixed(bytes);
        return true;
    }
}

internal sealed class GenericSymbolWriter(AvroEnum schema) : GenericWriter
{
    private readonly Dictionary<string, int> _ordinals = schema.Symbols.Select((symbol, i) => (symbol, i)).ToDictionary(pair => pair.symbol, pair => pair.i, StringComparer.Ordinal);

    public override int Rank(object? value) => value switch
    {
        AvroSymbol symbol => symbol.Enum == schema.FullName ? 2 : 0,
        string text => _ordinals.ContainsKey(text) ? 1 : 0,
        _ => 0,
    };

    public override bool TryWrite(ref AvroOutput output, object? value)
    {
        var symbol = (value as AvroSymbol)?.Symbol ?? value as string;
        if (symbol is null || !_ordinals.TryGetValue(symbol, out var ordinal))
            return Fail(ref output, symbol ?? value, $"one of {RowFaults.Cut(string.Join(", ", schema.Symbols))}");

        output.WriteLong(ordinal);
        return true;
    }
}

internal sealed class GenericListWriter(GenericWriter items) : GenericWriter
{
    public override int Rank(object? value) => value is ICollection and not (byte[] or IDictionary) ? 2 : 0;

    public override bool TryWrite(ref AvroOutput output, object? value)
    {
        if (value is not ICollection all || Rank(value) == 0)
            return Fail(ref output, value, "an array");

        if (!output.TryEnter())
            return false;

        if (all.Count > 0)
            output.WriteLong(all.Count);

        var index = 0;
        foreach (var item in all)
        {
            if (!items.TryWrite(ref output, item))
                return output.FailedAt($"[{index.ToString(CultureInfo.InvariantCulture)}]");

            index++;
        }

        output.WriteByte(0);
        output.Leave();
        return true;
    }
}

internal sealed class GenericMapWriter(GenericWriter values) : GenericWriter
{
    public override int Rank(object? value) => value is IDictionary ? 2 : 0;

    public override bool TryWrite(ref AvroOutput output, object? value)
    {
        if (value is not IDictionary all)
            return Fail(ref output, value, "a map");

        if (!output.TryEnter())
            return false;

        if (all.Count > 0)
            output.WriteLong(all.Count);

        foreach (DictionaryEntry entry in all)
        {
            if (entry.Key is not string key)
                return Fail(ref output, entry.Key, "a text as key");

            if (!output.TryWriteText(key))
                return output.FailedAt("[key]");

            if (!values.TryWrite(ref output, entry.Value))
                return output.FailedAt($"[{RowFaults.Quote(key)}]");
        }

        output.WriteByte(0);
        output.Leave();
        return true;
    }
}

internal sealed class GenericRecordWriter(AvroRecord schema) : GenericWriter
{
    private GenericWriter[] _fields = [];

    public void Complete(GenericWriter[] fields) => _fields = fields;

    public override int Rank(object? value) => value is AvroRecordValue record && record.Schema.FullName == schema.FullName ? 2 : 0;

    public override bool TryWrite(ref AvroOutput output, object? value)
    {
        if (value is not AvroRecordValue record || Rank(value) == 0)
            return Fail(ref output, value is AvroRecordValue other ? other.Schema : value, $"a {schema}");

        if (!output.TryEnter())
            return false;

        for (var i = 0; i < _fields.Length; i++)
        {
            var name = schema.Fields[i].Name;
            var item = ReferenceEquals(record.Schema, schema) ? record[i] : record[name];
            if (!_fields[i].TryWrite(ref output, item))
                return output.FailedAt(name);
        }

        output.Leave();
        return true;
    }
}

internal sealed class GenericUnionWriter(GenericWriter[] branches, AvroUnion schema) : GenericWriter
{
    public override int Rank(object? value) => branches.Max(branch => branch.Rank(value));

    public override bool TryWrite(ref AvroOutput output, object? value)
    {
        var (best, rank) = (-1, 0);
        for (var i = 0; i < branches.Length && rank < 2; i++)
        {
            if (branches[i].Rank(value) is var found && found > rank)
                (best, rank) = (i, found);
        }

        if (best < 0)
            return Fail(ref output, value, $"a value of [{string.Join(", ", schema.Branches)}]");

        output.WriteLong(best);
        return branches[best].TryWrite(ref output, value);
    }
}
