using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Which types may become which without rewriting data files (PROTOCOL.md, "Type Widening").</summary>
internal static class TypeChanges
{
    public const string MetadataKey = "delta.typeChanges";

    public static bool IsWidening(DeltaType from, DeltaType to) => (from, to) switch
    {
        (DecimalType a, DecimalType b) => b != a && b.Scale >= a.Scale && b.Precision - a.Precision >= b.Scale - a.Scale,
        ({ Kind: DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer }, DecimalType d) => d.Precision - d.Scale >= 10,
        ({ Kind: DeltaTypeKind.Long }, DecimalType d) => d.Precision - d.Scale >= 20,
        _ => (from.Kind, to.Kind) is
            (DeltaTypeKind.Byte, DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long or DeltaTypeKind.Double)
            or (DeltaTypeKind.Short, DeltaTypeKind.Integer or DeltaTypeKind.Long or DeltaTypeKind.Double)
            or (DeltaTypeKind.Integer, DeltaTypeKind.Long or DeltaTypeKind.Double)
            or (DeltaTypeKind.Float, DeltaTypeKind.Double)
            or (DeltaTypeKind.Date, DeltaTypeKind.TimestampNtz),
    };

    public static string Describe(DeltaType from) => from.Kind switch
    {
        DeltaTypeKind.Byte => "short, integer, long, double or a decimal of 10 digits before the point",
        DeltaTypeKind.Short => "integer, long, double or a decimal of 10 digits before the point",
        DeltaTypeKind.Integer => "long, double or a decimal of 10 digits before the point",
        DeltaTypeKind.Long => "a decimal of 20 digits before the point",
        DeltaTypeKind.Float => "double",
        DeltaTypeKind.Decimal => "a decimal with no fewer digits on either side of the point",
        DeltaTypeKind.Date => "timestamp_ntz",
        _ => $"{from} has none",
    };

    /// <summary>The metadata of a field with the change appended to its history.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Record(SchemaField field, DeltaType to)
    {
        List<JsonElement> history = field.Metadata.TryGetValue(MetadataKey, out var earlier) && earlier.ValueKind == JsonValueKind.Array ? [.. earlier.EnumerateArray()] : [];
        history.Add(JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["fromType"] = field.Type.SqlName, ["toType"] = to.SqlName }));
        return new Dictionary<string, JsonElement>(field.Metadata, StringComparer.Ordinal) { [MetadataKey] = JsonSerializer.SerializeToElement(history) };
    }
}
