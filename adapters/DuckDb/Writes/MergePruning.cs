using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Which files can hold rows that match a source row: by what the condition says of the table alone, and by the ranges of the source's keys.</summary>
/// <param name="Rows">What is true for every row of the table that can match, or null; cheap enough to filter a scan with.</param>
internal sealed record MergePruning(IReadOnlyList<AddFile> Files, Func<AddFile, bool>? MayMatch, DeltaExpression? Rows)
{
    /// <summary>Ranges that the source's keys are taken for: keys far apart then leave out the files between them.</summary>
    private const int MostRanges = 256;

    /// <summary>Comparisons of files with ranges; many files are compared with fewer ranges.</summary>
    private const int MostComparisons = 2_000_000;

    public static async Task<MergePruning> FindAsync(DuckDbSession session, MergeRows operation, string rows, CancellationToken cancellationToken)
    {
        var sql = new RowSql(operation.SourceAlias);
        DeltaExpression? files = null, filter = null;
        foreach (var part in operation.On.Conjuncts())
        {
            var references = part.References().ToList();
            if (references.Count > 0 && references.TrueForAll(column => !sql.IsSource(column)))
            {
                (files, filter) = (And(files, part), And(filter, part));
            }
            else if (Key(part, sql) is var (column, value))
            {
                var ranges = await RangesAsync(session, operation.Target.Files.Count, column.Type!, sql.Render(value), rows, cancellationToken);
                // No key but null: nothing can match.
                if (ranges.Count == 0)
                    return new MergePruning([], _ => false, null);
                files = And(files, ranges.Select(range => Between(column, range)).Aggregate(Or));
                filter = And(filter, Between(column, (ranges[0].Low, ranges[^1].High)));
            }
        }

        return new MergePruning(Candidates.Of(operation.Target, files), Candidates.MayMatch(operation.Target, files), filter);
    }

    /// <summary>The keys of the source as ranges that do not overlap, in their order; few keys are a range each.</summary>
    private static async Task<IReadOnlyList<(object Low, object High)>> RangesAsync(DuckDbSession session, int files, DeltaType type, string key, string rows, CancellationToken cancellationToken)
    {
        var most = Math.Clamp(MostComparisons / Math.Max(1, files), 1, MostRanges);
        var found = await session.RowsAsync(string.Create(CultureInfo.InvariantCulture, $"""
            SELECT {Number(type, "min(k)")}, {Number(type, "max(k)")} FROM (SELECT k, ntile({most}) OVER (ORDER BY k) AS part FROM (SELECT DISTINCT {key} AS k FROM {rows} s) WHERE k IS NOT NULL) GROUP BY part ORDER BY part
            """), cancellationToken);
        return [.. found.Select(row => (row[0]!, row[1]!))];
    }

    /// <summary>A column of the table and the value of the source that it must equal, both of one type whose order is that of statistics.</summary>
    private static (ColumnReference Column, DeltaExpression Value)? Key(DeltaExpression part, RowSql sql)
    {
        if (part is not BinaryOperation { Operator: BinaryOperator.Equal } equal)
            return null;
        foreach (var (own, other) in new[] { (equal.Left, equal.Right), (equal.Right, equal.Left) })
        {
            if (own is ColumnReference column && !sql.IsSource(column) && column.Type == other.Type && HasRange(column.Type!) && other.References().All(sql.IsSource))
                return (column, other);
        }

        return null;
    }

    private static bool HasRange(DeltaType type) => type.Kind is DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long
        or DeltaTypeKind.Date or DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz or DeltaTypeKind.String;

    private static string Number(DeltaType type, string value) => type.Kind switch
    {
        DeltaTypeKind.String => value,
        DeltaTypeKind.Date => $"CAST({value} - DATE '1970-01-01' AS BIGINT)",
        DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz => $"epoch_us({value})",
        _ => $"CAST({value} AS BIGINT)",
    };

    private static DeltaExpression Between(ColumnReference column, (object Low, object High) range) =>
        And(Compare(BinaryOperator.GreaterOrEqual, column, range.Low), Compare(BinaryOperator.LessOrEqual, column, range.High));

    private static BinaryOperation Compare(BinaryOperator operation, ColumnReference column, object bound) =>
        new(operation, column, new Literal(bound is string ? bound : Convert.ToInt64(bound, CultureInfo.InvariantCulture)) { Type = column.Type }) { Type = PrimitiveType.Boolean };

    private static DeltaExpression And(DeltaExpression? left, DeltaExpression right) =>
        left is null ? right : new BinaryOperation(BinaryOperator.And, left, right) { Type = PrimitiveType.Boolean };

    private static DeltaExpression Or(DeltaExpression left, DeltaExpression right) => new BinaryOperation(BinaryOperator.Or, left, right) { Type = PrimitiveType.Boolean };
}
