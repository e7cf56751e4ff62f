using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>A table's schema in Delta's JSON form (PROTOCOL.md, "Schema Serialization Format"), for flat rows.</summary>
internal static class SchemaJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create(" ,;{}()\n\t=");

    public static string Write(RowSchema schema)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "struct");
            writer.WriteStartArray("fields");
            foreach (var field in schema.Fields)
            {
                writer.WriteStartObject();
                writer.WriteString("name", field.Name);
                writer.WriteString("type", TypeName(field));
                writer.WriteBoolean("nullable", field.Nullable);
                writer.WriteStartObject("metadata");
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>The rows of a table. Throws where a column is of a type that a flat row cannot hold.</summary>
    public static RowSchema Read(string table, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new RowSchema([.. document.RootElement.GetProperty("fields").EnumerateArray().Select(field => ReadField(table, field))]);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DeltaException(table, $"schemaString: {exception.Message}; expected a struct type in JSON.", exception);
        }
    }

    /// <summary>What a writer would have to enforce and this one cannot: names of columns with invariants, generated or identity values.</summary>
    public static IReadOnlyList<string> WriteObstacles(string json)
    {
        using var document = JsonDocument.Parse(json);
        List<string> result = [];
        foreach (var field in document.RootElement.GetProperty("fields").EnumerateArray())
        {
            if (!field.TryGetProperty("metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object)
                continue;
            foreach (var item in metadata.EnumerateObject())
            {
                if (item.Name is "delta.invariants" or "delta.generationExpression" || item.Name.StartsWith("delta.identity.", StringComparison.Ordinal))
                    result.Add($"column '{field.GetProperty("name").GetString()}' has {item.Name}");
            }
        }

        return result;
    }

    /// <summary>Faults of names and types that no Delta table may have without column mapping.</summary>
    public static void Validate(string table, RowSchema schema, IReadOnlyList<string> partitionColumns)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in schema.Fields)
        {
            if (!names.Add(field.Name))
                throw new DeltaException(table, $"column '{field.Name}' stands twice; expected names that differ by more than case; rename one.");
            if (field.Name.Length == 0 || field.Name.AsSpan().IndexOfAny(s_forbidden) >= 0)
                throw new DeltaException(table, $"column name '{field.Name}' has a character of ' ,;{{}}()\\n\\t='; expected none of them; rename the column.");
            if (field.Type == FieldType.Decimal && (field.Precision is < 1 or > 38 || field.Scale < 0 || field.Scale > field.Precision))
                throw new DeltaException(table, $"column '{field.Name}' is decimal({field.Precision},{field.Scale}); expected precision 1 to 38 and scale 0 to the precision.");
        }

        foreach (var column in partitionColumns)
        {
            if (schema.IndexOf(column) < 0)
                throw new DeltaException(table, $"partition column '{column}' is not in the schema; expected one of {string.Join(", ", schema.Fields.Select(field => field.Name))}.");
        }

        if (schema.Fields.Count == partitionColumns.Count)
            throw new DeltaException(table, "every column is a partition column; expected at least one other.");
    }

    private static Field ReadField(string table, JsonElement element)
    {
        var name = element.GetProperty("name").GetString()!;
        var type = element.GetProperty("type");
        var nullable = !element.TryGetProperty("nullable", out var flag) || flag.GetBoolean();
        if (type.ValueKind != JsonValueKind.String)
            throw new DeltaException(table, $"column '{name}' is of type {type.GetProperty("type").GetString()}; expected a primitive type: rows here are flat; read this table with another engine.");
        var text = type.GetString()!;
        if (text.StartsWith("decimal", StringComparison.Ordinal))
        {
            var (precision, scale) = DecimalOf(text);
            return new Field(name, FieldType.Decimal, nullable) { Precision = precision, Scale = scale };
        }

        return new Field(name, text switch
        {
            "string" => FieldType.String,
            "long" => FieldType.Int64,
            "integer" or "short" or "byte" => FieldType.Int32,
            "float" => FieldType.Float32,
            "double" => FieldType.Float64,
            "boolean" => FieldType.Boolean,
            "binary" => FieldType.Bytes,
            "date" => FieldType.Date,
            "timestamp" => FieldType.Timestamp,
            _ => throw new DeltaException(table, $"column '{name}' is of type {text}; expected string, long, integer, short, byte, float, double, decimal, boolean, binary, date or timestamp; read this table with another engine."),
        }, nullable);
    }

    private static (int Precision, int Scale) DecimalOf(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
            return (10, 0);
        var parts = text[(open + 1)..].TrimEnd(')').Split(',');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
    }

    private static string TypeName(Field field) => field.Type switch
    {
        FieldType.Boolean => "boolean",
        FieldType.Int32 => "integer",
        FieldType.Int64 => "long",
        FieldType.Float32 => "float",
        FieldType.Float64 => "double",
        FieldType.String => "string",
        FieldType.Bytes => "binary",
        FieldType.Date => "date",
        FieldType.Timestamp => "timestamp",
        _ => $"decimal({field.Precision},{field.Scale})",
    };
}
