using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Default values of record fields, which schemas write as JSON (Avro 1.12, table "field default values").</summary>
internal static class AvroDefaults
{
    public static bool Fits(AvroSchema schema, JsonElement value) => schema.Kind switch
    {
        AvroKind.Null => value.ValueKind == JsonValueKind.Null,
        AvroKind.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        AvroKind.Int => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        AvroKind.Long => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        AvroKind.Float or AvroKind.Double => value.ValueKind == JsonValueKind.Number,
        AvroKind.String => value.ValueKind == JsonValueKind.String,
        AvroKind.Bytes => value.ValueKind == JsonValueKind.String && IsLatin1(value.GetString()!),
        AvroKind.Fixed => value.ValueKind == JsonValueKind.String && IsLatin1(value.GetString()!) && value.GetString()!.Length == ((AvroFixed)schema).Size,
        AvroKind.Enum => value.ValueKind == JsonValueKind.String && ((AvroEnum)schema).Has(value.GetString()!),
        AvroKind.Array => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => Fits(((AvroArray)schema).Items, item)),
        AvroKind.Map => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(item => Fits(((AvroMap)schema).Values, item.Value)),
        // Up to 1.11 only the first branch may give the default; 1.12 admits each.
        AvroKind.Union => ((AvroUnion)schema).Branches.Any(branch => Fits(branch, value)),
        AvroKind.Record => value.ValueKind == JsonValueKind.Object && FitsRecord((AvroRecord)schema, value),
        _ => false,
    };

    /// <summary>The default of a flat field as its column holds it.</summary>
    public static object? ToRowValue(Field field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;

        return field.Type switch
        {
            FieldType.Boolean => value.GetBoolean(),
            FieldType.Int32 or FieldType.Int64 => value.GetInt64(),
            FieldType.Date => Instants.IsDay(value.GetInt64()) ? value.GetInt64() : throw OutOfRange(field, value),
            FieldType.Timestamp => Instants.TryFromEpoch(value.GetInt64(), field.EpochUnit, out var micros) ? micros : throw OutOfRange(field, value),
            FieldType.Float32 => (double)(float)value.GetDouble(),
            FieldType.Float64 => value.GetDouble(),
            FieldType.String => value.GetString(),
            FieldType.Bytes => Encoding.Latin1.GetBytes(value.GetString()!),
            FieldType.Decimal => AvroDecimal.TryRead(Encoding.Latin1.GetBytes(value.GetString()!), field.Precision, field.Scale, out var number) ? number : throw OutOfRange(field, value),
            _ => throw OutOfRange(field, value),
        };
    }

    private static bool FitsRecord(AvroRecord record, JsonElement value)
    {
        // By one pass over the value: a search for each field takes minutes where both have many thousands.
        var parts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var part in value.EnumerateObject())
            parts[part.Name] = part.Value;

        return record.Fields.All(field => parts.TryGetValue(field.Name, out var part) ? Fits(field.Schema, part) : field.Default is not null);
    }

    private static ContractException OutOfRange(Field field, JsonElement value) =>
        new($"field '{field.Name}': found default {value.GetRawText()}; expected {RowFaults.Expected(field)}. Correct the default.");

    private static bool IsLatin1(string text) => text.All(c => c <= 0xFF);
}
