using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Whether a JSON value is one of a schema: chooses the branch of a union that the JSON doesn't name.</summary>
internal static class AvroJsonFit
{
    public static bool Fits(AvroSchema schema, JsonElement value) => schema switch
    {
        AvroRecord record => value.ValueKind == JsonValueKind.Object && FitsRecord(record, value),
        AvroEnum symbols => value.ValueKind == JsonValueKind.String && symbols.Symbols.Contains(value.GetString()!),
        AvroArray array => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => Fits(array.Items, item)),
        AvroMap map => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(entry => Fits(map.Values, entry.Value)),
        AvroUnion union => union.Branches.Any(branch => Fits(branch, value)),
        AvroFixed @fixed => AvroJsonEncoder.Bytes(value)?.Length == @fixed.Size,
        _ => FitsPrimitive(schema.Kind, value),
    };

    /// <summary>The name of a branch in Avro's JSON encoding.</summary>
    public static string BranchName(AvroSchema schema) => schema is AvroNamed named ? named.FullName : schema.Kind.ToString().ToLowerInvariant();

    public static string Describe(AvroKind kind) => kind switch
    {
        AvroKind.Null => "null",
        AvroKind.Boolean => "true or false",
        AvroKind.Int => "a whole number of 32 bits",
        AvroKind.Long => "a whole number of 64 bits",
        AvroKind.Float or AvroKind.Double => "a number",
        AvroKind.Bytes => "a text of characters U+0000 to U+00FF",
        _ => "a text",
    };

    private static bool FitsPrimitive(AvroKind kind, JsonElement value) => kind switch
    {
        AvroKind.Null => value.ValueKind == JsonValueKind.Null,
        AvroKind.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        AvroKind.Int => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        AvroKind.Long => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        AvroKind.Float or AvroKind.Double => value.ValueKind == JsonValueKind.Number,
        AvroKind.Bytes => AvroJsonEncoder.Bytes(value) is not null,
        _ => value.ValueKind == JsonValueKind.String,
    };

    private static bool FitsRecord(AvroRecord record, JsonElement value)
    {
        foreach (var field in record.Fields)
        {
            if (value.TryGetProperty(field.Name, out var given) ? !Fits(field.Schema, given) : field.Default is null)
                return false;
        }

        return value.EnumerateObject().All(property => record.Fields.Any(field => field.Name == property.Name));
    }
}
