using System.Globalization;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Delta types of DuckDB's, from the text that DESCRIBE gives.</summary>
internal static class TypeText
{
    public static DeltaType Parse(string column, string text)
    {
        if (text.EndsWith(']'))
            return new ArrayType(Parse(column, text[..text.LastIndexOf('[')]), true);
        if (Inner(text, "STRUCT(") is { } fields)
            return new StructType([.. Split(fields).Select(field => FieldOf(column, field))]);
        if (Inner(text, "MAP(") is { } map && Split(map) is [var key, var value])
            return new MapType(Parse(column, key), Parse(column, value), true);
        if (Inner(text, "DECIMAL(") is { } digits && digits.Split(',') is [var precision, var scale])
            return new DecimalType(int.Parse(precision, CultureInfo.InvariantCulture), int.Parse(scale, CultureInfo.InvariantCulture));
        return text switch
        {
            "BOOLEAN" => PrimitiveType.Boolean,
            "TINYINT" => PrimitiveType.Byte,
            "SMALLINT" or "UTINYINT" => PrimitiveType.Short,
            "INTEGER" or "USMALLINT" => PrimitiveType.Integer,
            "BIGINT" or "UINTEGER" => PrimitiveType.Long,
            // Wider than any integer of Delta's: exact as decimals, and put into a narrower column only where they fit.
            "UBIGINT" => new DecimalType(20, 0),
            "HUGEINT" or "UHUGEINT" => new DecimalType(38, 0),
            "FLOAT" => PrimitiveType.Float,
            "DOUBLE" => PrimitiveType.Double,
            "VARCHAR" or "UUID" or "JSON" => PrimitiveType.String,
            "BLOB" => PrimitiveType.Binary,
            "DATE" => PrimitiveType.Date,
            "TIMESTAMP WITH TIME ZONE" => PrimitiveType.Timestamp,
            "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" => PrimitiveType.TimestampNtz,
            "\"NULL\"" => PrimitiveType.Void,
            _ when text.StartsWith("ENUM(", StringComparison.Ordinal) => PrimitiveType.String,
            _ => throw new DuckDbFaultException($"column '{column}' of the source has type {text}; expected a type that a Delta table can hold; cast it."),
        };
    }

    private static SchemaField FieldOf(string column, string text)
    {
        text = text.Trim();
        if (text[0] != '"')
        {
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            return new SchemaField(text[..space], Parse(column, text[(space + 1)..]), true);
        }

        var end = 1;
        while (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"'))
            end += text[end] == '"' ? 2 : 1;
        return new SchemaField(text[1..end].Replace("\"\"", "\"", StringComparison.Ordinal), Parse(column, text[(end + 2)..]), true);
    }

    private static string? Inner(string text, string start) => text.StartsWith(start, StringComparison.Ordinal) && text[^1] == ')' ? text[start.Length..^1] : null;

    /// <summary>Parts between the commas that are in no bracket and no quoted name.</summary>
    private static IReadOnlyList<string> Split(string text)
    {
        List<string> parts = [];
        var (depth, start, quoted) = (0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case '(' when !quoted:
                    depth++;
                    break;
                case ')' when !quoted:
                    depth--;
                    break;
                case ',' when !quoted && depth == 0:
                    parts.Add(text[start..i].Trim());
                    start = i + 1;
                    break;
                default:
                    break;
            }
        }

        parts.Add(text[start..].Trim());
        return parts;
    }
}
