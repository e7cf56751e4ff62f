using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace RealTimeMesh.Warehouse.Wire;

/// <summary>Body of a submit.</summary>
internal sealed record StatementRequest
{
    public string? Statement { get; init; }

    /// <summary>Seconds; 0 for the longest allowed.</summary>
    public int? Timeout { get; init; }

    public string? Database { get; init; }

    public string? Schema { get; init; }

    public string? Warehouse { get; init; }

    public string? Role { get; init; }

    public Dictionary<string, Binding>? Bindings { get; init; }

    public Dictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Statements the client expects; 0 for any number.</summary>
    public int StatementCount => Parameters is not null && Parameters.TryGetValue("MULTI_STATEMENT_COUNT", out var value)
        && int.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) ? count : 1;

    /// <summary>Values for the <c>?</c>s, in order.</summary>
    public IReadOnlyList<object?> BoundValues()
    {
        if (Bindings is null || Bindings.Count == 0)
            return [];
        var values = new object?[Bindings.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var name = (i + 1).ToString(CultureInfo.InvariantCulture);
            if (!Bindings.TryGetValue(name, out var binding))
                throw new SqlFault("100357", "22000", $"bindings: found no '{name}' among {string.Join(", ", Bindings.Keys)}; expected '1' to '{values.Length}'.");
            values[i] = binding.ToValue(name);
        }

        return values;
    }
}

/// <summary>A typed value for a <c>?</c>; dates are milliseconds and timestamps nanoseconds since 1970-01-01.</summary>
internal sealed record Binding(string Type, JsonElement Value)
{
    public object? ToValue(string name)
    {
        if (Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return null;
        if (Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False))
            throw SqlFault.Unsupported($"bindings: '{name}' is an array", "one value");
        var text = Value.ToString();
        try
        {
            return Type.ToUpperInvariant() switch
            {
                "FIXED" => text.Contains('.', StringComparison.Ordinal) ? decimal.Parse(text, CultureInfo.InvariantCulture) : BigInteger.Parse(text, CultureInfo.InvariantCulture) is var number && number >= long.MinValue && number <= long.MaxValue ? (long)number : number,
                "REAL" => double.Parse(text, CultureInfo.InvariantCulture),
                "BOOLEAN" => bool.Parse(text),
                "TEXT" => text,
                "DATE" => DateOnly.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(double.Parse(text, CultureInfo.InvariantCulture))),
                "TIMESTAMP_NTZ" or "TIMESTAMP_LTZ" or "TIMESTAMP_TZ" => DateTime.UnixEpoch.AddTicks(long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture) / 100),
                _ => throw SqlFault.Unsupported($"bindings: '{name}' has type {Type}", "FIXED, REAL, BOOLEAN, TEXT, DATE or TIMESTAMP_NTZ"),
            };
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new SqlFault("100038", "22018", $"bindings: '{name}' is '{text}'; expected a value of type {Type}.");
        }
    }
}
