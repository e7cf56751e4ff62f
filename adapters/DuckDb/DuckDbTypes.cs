using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DuckDb;

/// <summary>Which field a DuckDB column becomes.</summary>
public static class DuckDbTypes
{
    /// <summary>
    /// The field a result column becomes in a table. Delta has no 128-bit and no unsigned integers: <c>HUGEINT</c>
    /// (what <c>sum</c> of integers gives) and <c>UBIGINT</c> become 64-bit, and the build fails where a value does
    /// not fit. A <c>TIMESTAMP</c> without zone is taken as UTC.
    /// </summary>
    public static Field FieldOf(string table, string column, string type)
    {
        if (type.StartsWith("DECIMAL(", StringComparison.Ordinal))
        {
            var parts = type["DECIMAL(".Length..^1].Split(',');
            return new Field(column, FieldType.Decimal, true)
            {
                Precision = int.Parse(parts[0], CultureInfo.InvariantCulture),
                Scale = int.Parse(parts[1], CultureInfo.InvariantCulture),
            };
        }

        return new Field(column, TypeOf(table, column, type), true);
    }

    private static FieldType TypeOf(string table, string column, string type) => type switch
    {
        "BOOLEAN" => FieldType.Boolean,
        "TINYINT" or "SMALLINT" or "INTEGER" or "UTINYINT" or "USMALLINT" or "\"NULL\"" => FieldType.Int32,
        "BIGINT" or "UINTEGER" or "UBIGINT" or "HUGEINT" or "UHUGEINT" => FieldType.Int64,
        "FLOAT" => FieldType.Float32,
        "DOUBLE" => FieldType.Float64,
        "VARCHAR" or "UUID" or "JSON" => FieldType.String,
        _ when type.StartsWith("ENUM(", StringComparison.Ordinal) => FieldType.String,
        "BLOB" => FieldType.Bytes,
        "DATE" => FieldType.Date,
        "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" or "TIMESTAMP WITH TIME ZONE" => FieldType.Timestamp,
        _ => throw new DuckDbFaultException(
            $"table {table}: column '{column}' has type {type}; expected a boolean, number, text, bytes, date or timestamp; cast it in the query."),
    };
}
