using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>The keys of rows as ranges, for leaving out files: keys far apart then leave out the files between them.</summary>
internal static class KeyRanges
{
    /// <summary>Ranges that keys are taken for.</summary>
    private const int MostRanges = 256;

    /// <summary>Comparisons of files with ranges; many files are compared with fewer ranges.</summary>
    private const int MostComparisons = 2_000_000;

    /// <summary>Whether statistics have the order of a type's values.</summary>
    public static bool Has(DeltaType type) => type.Kind is DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long
        or DeltaTypeKind.Date or DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz or DeltaTypeKind.String;

    /// <summary>The keys of a relation <paramref name="rows"/> (<c>s</c>) as ranges that do not overlap, in their order; few keys are a range each. Nulls are left out.</summary>
    public static async Task<IReadOnlyList<(object Low, object High)>> FindAsync(DuckDbSession session, int files, DeltaType type, string key, string rows, CancellationToken cancellationToken)
    {
        var most = Math.Clamp(MostComparisons / Math.Max(1, files), 1, MostRanges);
        var found = await session.RowsAsync(string.Create(CultureInfo.InvariantCulture, $"""
            SELECT {Number(type, "min(k)")}, {Number(type, "max(k)")} FROM (SELECT k, ntile({most}) OVER (ORDER BY k) AS part FROM (SELECT DISTINCT {key} AS k FROM {rows} s) WHERE k IS NOT NULL) GROUP BY part ORDER BY part
            """), cancellationToken);
        return [.. found.Select(row => (row[0]!, row[1]!))];
    }

    /// <summary>That a column's value is in one of the ranges.</summary>
    public static DeltaExpression Within(ColumnReference column, IReadOnlyList<(object Low, object High)> ranges) =>
        ranges.Select(range => Between(column, range)).Aggregate((left, right) => new BinaryOperation(BinaryOperator.Or, left, right) { Type = PrimitiveType.Boolean });

    public static DeltaExpression Between(ColumnReference column, (object Low, object High) range) =>
        And(Compare(BinaryOperator.GreaterOrEqual, column, range.Low), Compare(BinaryOperator.LessOrEqual, column, range.High));

    public static DeltaExpression And(DeltaExpression? left, DeltaExpression right) =>
        left is null ? right : new BinaryOperation(BinaryOperator.And, left, right) { Type = PrimitiveType.Boolean };

    private static BinaryOperation Compare(BinaryOperator operation, ColumnReference column, object bound) =>
        new(operation, column, new Literal(bound is string ? bound : Convert.ToInt64(bound, CultureInfo.InvariantCulture)) { Type = column.Type }) { Type = PrimitiveType.Boolean };

    private static string Number(DeltaType type, string value) => type.Kind switch
    {
        DeltaTypeKind.String => value,
        DeltaTypeKind.Date => $"CAST({value} - DATE '1970-01-01' AS BIGINT)",
        DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz => $"epoch_us({value})",
        _ => $"CAST({value} AS BIGINT)",
    };
}
