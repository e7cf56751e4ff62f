using RealTimeMesh.Cel;
using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Rules;

/// <summary>Values of messages as expressions see them, and back.</summary>
internal static class RuleValues
{
    /// <summary>Confluent's word for the type of a simple value; null where the value is not simple.</summary>
    public static string? TypeName(object? value) => value switch
    {
        string => "STRING",
        byte[] => "BYTES",
        int => "INT",
        long => "LONG",
        float => "FLOAT",
        double => "DOUBLE",
        bool => "BOOLEAN",
        _ => null,
    };

    public static CelValue ToCel(object? value) => value switch
    {
        null => CelValue.Null,
        bool boolean => CelValue.Bool(boolean),
        int number => CelValue.Int(number),
        long number => CelValue.Int(number),
        float number => CelValue.Double(number),
        double number => CelValue.Double(number),
        string text => CelValue.String(text),
        byte[] bytes => CelValue.Bytes(bytes),
        AvroSymbol symbol => CelValue.String(symbol.Symbol),
        AvroFixedValue fixedValue => CelValue.Bytes(fixedValue.Bytes),
        List<object?> items => CelValue.List([.. items.Select(ToCel)]),
        Dictionary<string, object?> entries => Map(entries.Select(entry => (entry.Key, entry.Value)), entries.Count),
        AvroRecordValue record => Map(record.Schema.Fields.Select((field, i) => (field.Name, record[i])), record.Schema.Fields.Count),
        _ => CelValue.Error($"no value of CEL for {value.GetType().Name}"),
    };

    /// <summary>What an expression gave, in the type that the value has.</summary>
    public static bool TryLike(object? model, in CelValue result, out object? value, out string? fault)
    {
        fault = null;
        value = (model, result.Kind) switch
        {
            (string, CelKind.String) => result.AsString,
            (AvroSymbol symbol, CelKind.String) => symbol with { Symbol = result.AsString },
            (bool, CelKind.Bool) => result.IsTrue,
            (int, CelKind.Int) when result.AsInt is >= int.MinValue and <= int.MaxValue => (int)result.AsInt,
            (long, CelKind.Int) => result.AsInt,
            (float, CelKind.Double) => (float)result.AsDouble,
            (double, CelKind.Double) => result.AsDouble,
            (float, CelKind.Int) => (float)result.AsInt,
            (double, CelKind.Int) => (double)result.AsInt,
            (byte[], CelKind.Bytes) => result.AsBytes,
            (AvroFixedValue fixedValue, CelKind.Bytes) when result.AsBytes.Length == fixedValue.Bytes.Length => fixedValue with { Bytes = result.AsBytes },
            _ => null,
        };
        if (value is null)
            fault = $"a value of type {result.Kind} for one of type {TypeName(model) ?? model?.GetType().Name ?? "null"}";
        return value is not null;
    }

    /// <summary>A record with the entries of a map in its fields; fields that it does not name stay.</summary>
    public static bool TryInto(object? message, in CelValue result, out object? changed, out string? fault)
    {
        (changed, fault) = (message, null);
        if (message is not AvroRecordValue record)
            return TryLike(message, result, out changed, out fault);
        if (result.Kind != CelKind.Map || result.Entries is not { } entries)
        {
            fault = $"a value of type {result.Kind} for a record";
            return false;
        }

        var copy = new AvroRecordValue(record.Schema);
        for (var i = 0; i < record.Schema.Fields.Count; i++)
        {
            copy[i] = record[i];
            var field = record.Schema.Fields[i].Name;
            if (!entries.TryGetValue(CelValue.String(field), out var entry))
                continue;
            if (entry.Kind == CelKind.Null)
                copy[i] = null;
            else if (CelEquals(entry, record[i]))
                copy[i] = record[i];
            else if (TryLike(record[i] ?? Free(entry), entry, out var value, out fault))
                copy[i] = value;
            else
                return false;
        }

        changed = copy;
        return true;
    }

    /// <summary>What stayed as it was is kept as it is: records and lists have no way back from an expression.</summary>
    private static bool CelEquals(in CelValue entry, object? value) => CelMap.Comparer.Instance.Equals(entry, ToCel(value));

    /// <summary>A value of the expression's own type, for a field that was null.</summary>
    private static object? Free(in CelValue value) => value.Kind switch
    {
        CelKind.String => "",
        CelKind.Bool => false,
        CelKind.Int => 0L,
        CelKind.Double => 0.0,
        CelKind.Bytes => Array.Empty<byte>(),
        _ => null,
    };

    private static CelValue Map(IEnumerable<(string Name, object? Value)> entries, int count)
    {
        var map = new CelMap(count);
        foreach (var (name, value) in entries)
            map[CelValue.String(name)] = ToCel(value);
        return CelValue.Map(map);
    }
}
