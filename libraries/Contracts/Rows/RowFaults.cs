using System.Text;

namespace RealTimeMesh.Contracts;

/// <summary>Words the faults of rows; runs only when something is wrong.</summary>
internal static class RowFaults
{
    private const int FoundLimit = 80;

    public static RowFault Missing(Field field, string found) => new(field.Name, RowRules.Missing, found, Expected(field));

    public static RowFault Type(Field field, string found) => new(field.Name, RowRules.Type, found, Expected(field));

    public static RowFault Twice(Field field) =>
        new(field.Name, RowRules.Json, "the field twice in one row", "each field once, by its name or one alias");

    public static RowFault Encoding(Field field) =>
        new(field.Name, RowRules.Encoding, "text that is not valid Unicode", "UTF-8 without unpaired surrogates");

    public static string Quote(string text) => $"\"{Cut(text)}\"";

    public static string Cut(string text) => text.Length <= FoundLimit ? text : string.Concat(text.AsSpan(0, FoundLimit), "…");

    /// <summary>The bytes as text, cut; bytes that are not UTF-8 show as replacement characters.</summary>
    public static string Cut(ReadOnlySpan<byte> utf8) =>
        Cut(System.Text.Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, FoundLimit * 4)]));

    public static string Expected(Field field)
    {
        var type = field.Type switch
        {
            FieldType.Boolean => "true or false",
            FieldType.Int32 => "integer from -2147483648 to 2147483647",
            FieldType.Int64 => "64-bit integer",
            FieldType.Float32 => "finite number within single precision",
            FieldType.Float64 => "finite number",
            FieldType.String when field.Symbols.Count > 0 => $"one of {Cut(string.Join(", ", field.Symbols))}",
            FieldType.String when field.Uuid => "UUID such as 0f8fad5b-d9cb-469f-a165-70867728950e",
            FieldType.String => "text",
            FieldType.Bytes when field.FixedSize > 0 => $"{field.FixedSize} bytes as base64 text",
            FieldType.Bytes => "bytes as base64 text",
            FieldType.Date => "date yyyy-MM-dd",
            FieldType.Timestamp when field.EpochUnit == EpochUnit.Milliseconds => "ISO-8601 timestamp of at most milliseconds, or integer milliseconds since 1970 (years 1 to 9999)",
            FieldType.Timestamp => "ISO-8601 timestamp of at most microseconds, or integer microseconds since 1970 (years 1 to 9999)",
            FieldType.Decimal => $"decimal({field.Precision},{field.Scale})",
            _ => field.Type.ToString(),
        };
        return field.Nullable ? $"{type}, or null" : type;
    }
}
