using RealTimeMesh.Contracts;

namespace RealTimeMesh.Snowflake;

/// <summary>
/// A hash of a table that does not depend on the order of its rows, as SQL that Snowflake and DuckDB (with a macro
/// <c>MD5_NUMBER_LOWER64</c>) compute alike: the sum of 64 bits of the MD5 of each row's canonical text.
/// </summary>
public static class RowHash
{
    /// <summary>The DuckDB macros that the hash needs outside of the warehouse.</summary>
    public const string DuckDbMacros =
        "CREATE OR REPLACE TEMP MACRO MD5_NUMBER_LOWER64(x) AS CAST('0x' || right(md5(x), 16) AS UBIGINT); CREATE OR REPLACE TEMP MACRO HEX_ENCODE(x) AS hex(x)";

    /// <summary>A query for the number of rows and their hash, both as text.</summary>
    public static string Query(RowSchema schema, string table) =>
        $"SELECT CAST(COUNT(*) AS VARCHAR), CAST(COALESCE(SUM(MD5_NUMBER_LOWER64({string.Join(" || '|' || ", schema.Fields.Select(Canonical))})), 0) AS VARCHAR) FROM {table}";

    /// <summary>A column's name as the warehouse folds it, quoted so that no name is a reserved word.</summary>
    internal static string Name(string column) => $"\"{column.ToUpperInvariant()}\"";

    private static string Canonical(Field field)
    {
        var name = Name(field.Name);
        var text = field.Type switch
        {
            // Engines print floating point differently: nine decimals are the same digits everywhere. Beyond 1e18, and for what is no number, only the sign counts.
            FieldType.Float32 or FieldType.Float64 => $"CASE WHEN {name} IS NULL THEN NULL WHEN ABS({name}) < 1000000000000000000 THEN CAST(CAST({name} AS DECIMAL(38,9)) AS VARCHAR) WHEN {name} > 0 THEN 'big' ELSE 'small' END",
            FieldType.Timestamp => $"CAST(DATEDIFF('microsecond', CAST('1970-01-01 00:00:00' AS TIMESTAMP), CAST({name} AS TIMESTAMP)) AS VARCHAR)",
            FieldType.Bytes => $"HEX_ENCODE({name})",
            FieldType.String => name,
            _ => $"CAST({name} AS VARCHAR)",
        };
        return $"COALESCE('=' || {text}, '~')";
    }
}
