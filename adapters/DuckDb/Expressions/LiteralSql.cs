using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Expressions;

/// <summary>Constants, each with its exact type.</summary>
internal static class LiteralSql
{
    public static string Of(Literal literal)
    {
        var type = DuckDbExpressions.TypeOf(literal.Type!);
        return literal.Value switch
        {
            null => $"CAST(NULL AS {type})",
            bool flag => flag ? "true" : "false",
            long days when literal.Type!.Kind == DeltaTypeKind.Date => $"(DATE '1970-01-01' + CAST({days} AS INTEGER))",
            long micros when literal.Type!.Kind == DeltaTypeKind.TimestampNtz => $"make_timestamp(CAST({micros} AS BIGINT))",
            long micros when literal.Type!.Kind == DeltaTypeKind.Timestamp => $"CAST(make_timestamp(CAST({micros} AS BIGINT)) AS TIMESTAMPTZ)",
            long number => $"CAST({number.ToString(CultureInfo.InvariantCulture)} AS {type})",
            double number => $"CAST('{(double.IsNaN(number) ? "nan" : double.IsInfinity(number) ? number > 0 ? "inf" : "-inf" : number.ToString("R", CultureInfo.InvariantCulture))}' AS {type})",
            ExactDecimal number => $"CAST('{number}' AS {type})",
            string text => Text(text),
            byte[] bytes => $"unhex('{Convert.ToHexString(bytes)}')",
            var other => throw new DuckDbFaultException($"a literal of {other.GetType()} has no SQL in DuckDB"),
        };
    }

    /// <summary>SQL text ends at a NUL.</summary>
    private static string Text(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? $"({string.Join(" || chr(0) || ", text.Split('\0').Select(SqlText.Literal))})"
        : SqlText.Literal(text);
}
