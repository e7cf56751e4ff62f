using System.Data;
using System.Globalization;
using System.Numerics;
using DuckDB.NET.Data;

namespace RealTimeMesh.Warehouse.Execution;

/// <summary>A column of a result as the SQL API describes it, and how its values are written as text.</summary>
internal sealed record ResultColumn(string Name, string Type, bool Nullable, int? Precision, int? Scale, int? Length)
{
    private const int MaxText = 16_777_216;

    public static ResultColumn Text(string name) => new(name, "text", true, null, null, MaxText);

    public static ResultColumn Count(string name) => new(name, "fixed", false, 38, 0, null);

    public static ResultColumn[] Of(DuckDBDataReader reader)
    {
        var schema = reader.GetSchemaTable();
        var columns = new ResultColumn[reader.FieldCount];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = Of(reader, i, schema);
        return columns;
    }

    /// <summary>A value in the API's text form; null for NULL.</summary>
    public string? Encode(object? value) => value switch
    {
        null or DBNull => null,
        bool flag => flag ? "true" : "false",
        DateOnly date => (date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber).ToString(CultureInfo.InvariantCulture),
        DateTime time => Seconds(time.Ticks - DateTime.UnixEpoch.Ticks) + (Type == "timestamp_tz" ? " 1440" : ""),
        TimeOnly time => Seconds(time.Ticks),
        TimeSpan span => Seconds(span.Ticks),
        double number => Real(number),
        float number => Real(number),
        Stream stream => Hex(stream),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static ResultColumn Of(DuckDBDataReader reader, int i, DataTable? schema)
    {
        // Names of expressions are DuckDB's text of them; Snowflake folds what is not quoted.
        var name = reader.GetName(i);
        name = name == "count_star()" ? "COUNT(*)" : name.Contains('(', StringComparison.Ordinal) ? name.ToUpperInvariant() : name;
        return reader.GetDataTypeName(i) switch
        {
            "Decimal" => new(name, "fixed", true, Number(schema, i, "NumericPrecision", 38), Number(schema, i, "NumericScale", 0), null),
            "TinyInt" or "SmallInt" or "Integer" or "BigInt" or "HugeInt" or "UnsignedTinyInt" or "UnsignedSmallInt" or "UnsignedInteger" or "UnsignedBigInt" or "UnsignedHugeInt"
                => new(name, "fixed", true, 38, 0, null),
            "Double" or "Float" => new(name, "real", true, null, null, null),
            "Boolean" => new(name, "boolean", true, null, null, null),
            "Date" => new(name, "date", true, null, null, null),
            "Time" => new(name, "time", true, 0, 9, null),
            "Timestamp" or "TimestampS" or "TimestampMs" or "TimestampNs" => new(name, "timestamp_ntz", true, 0, 9, null),
            "TimestampTz" => new(name, "timestamp_tz", true, 0, 9, null),
            "Blob" => new(name, "binary", true, null, null, 8_388_608),
            _ => Text(name),
        };
    }

    private static int Number(DataTable? schema, int row, string column, int fallback) =>
        schema?.Rows[row][column] is { } value and not DBNull ? Convert.ToInt32(value, CultureInfo.InvariantCulture) : fallback;

    private static string Real(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "inf" : "-inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Seconds(long ticks) => (ticks / 10_000_000m).ToString("F9", CultureInfo.InvariantCulture);

    private static string Hex(Stream stream)
    {
        using (stream)
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return Convert.ToHexString(copy.GetBuffer(), 0, (int)copy.Length);
        }
    }
}
