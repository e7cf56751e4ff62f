using System.Globalization;
using System.Numerics;
using System.Text.Json;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Bounds from the JSON of <c>add.stats</c>, opened as far as any writer may have rounded them.</summary>
internal static class StatisticsValue
{
    // Writers cut longer texts; not all of them put something above the rest after the cut.
    private const int TruncatedLength = 32;
    private const long MicrosPerMilli = 1_000;

    /// <summary>What no value is below; null where the bound is missing or not understood.</summary>
    public static object? Lower(JsonElement? element, SchemaField field) => Parse(element, field, -1);

    /// <summary>What no value is above; null where the bound is missing or not understood.</summary>
    public static object? Upper(JsonElement? element, SchemaField field) => Parse(element, field, 1);

    private static object? Parse(JsonElement? element, SchemaField field, int side)
    {
        if (element is not { } json)
            return null;
        var type = field.Type;
        return (type.Kind, json.ValueKind) switch
        {
            (DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long, JsonValueKind.Number) => Whole(json, side),
            (DeltaTypeKind.Decimal, JsonValueKind.Number or JsonValueKind.String) => Decimal(json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText(), (DecimalType)type, side),
            // A file from before a widening has the short digits of a single: 3.4 for 3.4000000953674316.
            (DeltaTypeKind.Double, JsonValueKind.Number) when WasSingle(field) => json.TryGetDouble(out var real) ? Single((float)real, side) : null,
            (DeltaTypeKind.Double, JsonValueKind.Number) => json.TryGetDouble(out var real) && double.IsFinite(real) ? real : null,
            (DeltaTypeKind.Float, JsonValueKind.Number) => json.TryGetDouble(out var real) ? Single((float)real, side) : null,
            (DeltaTypeKind.String, JsonValueKind.String) => Text(json.GetString()!, side),
            (DeltaTypeKind.Boolean, JsonValueKind.True or JsonValueKind.False) => json.GetBoolean(),
            (DeltaTypeKind.Date, JsonValueKind.String) => CivilTime.TryParseDate(json.GetString(), out var days) ? days : null,
            (DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz, JsonValueKind.String) => Moment(json.GetString()!, side),
            _ => null,
        };
    }

    private static bool WasSingle(SchemaField field) =>
        field.Metadata.TryGetValue(TypeChanges.MetadataKey, out var changes) && changes.GetRawText().Contains("\"float\"", StringComparison.Ordinal);

    private static object? Whole(JsonElement json, int side)
    {
        if (json.TryGetInt64(out var value))
            return value;
        // Through a double it may have lost digits.
        if (!ExactDecimal.TryParse(json.GetRawText(), out var exact))
            return null;
        var opened = exact.Floor() + (side * (1 + (BigInteger.Abs(exact.Floor()) >> 50)));
        return opened >= long.MinValue && opened <= long.MaxValue ? (long)opened : null;
    }

    private static object? Decimal(string text, DecimalType type, int side)
    {
        if (!ExactDecimal.TryParse(text, out var value))
            return null;
        // 17 digits or fewer may come from a double and be off by its last bit.
        if (type.Precision <= 15 || value.Precision > 17)
            return value;
        var unit = (BigInteger.Abs(value.WithScale(type.Scale).Unscaled) >> 50) + 1;
        var scaled = value.WithScale(Math.Max(value.Scale, type.Scale));
        return scaled with { Unscaled = scaled.Unscaled + (side * unit * BigInteger.Pow(10, scaled.Scale - type.Scale)) };
    }

    /// <summary>A single may be written with the digits of a double, of a single, or rounded between them.</summary>
    private static object? Single(float value, int side)
    {
        var opened = side < 0 ? MathF.BitDecrement(value) : MathF.BitIncrement(value);
        return float.IsFinite(opened) ? (double)opened : null;
    }

    private static string Text(string text, int side) =>
        side > 0 && text.Length >= TruncatedLength ? text + "\U0010FFFF" : text;

    /// <summary>Bounds are in milliseconds, cut: a maximum may be almost one too low, and before 1970 some cut towards zero.</summary>
    private static object? Moment(string text, int side) =>
        CivilTime.TryParseTimestamp(text, out var micros, out _) ? side > 0 || micros < 0 ? micros + (side * MicrosPerMilli) : micros : null;
}
