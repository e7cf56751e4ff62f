using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Which files can hold rows that match a source row: by what the condition says of the table alone, and by the ranges of the source's keys.</summary>
/// <param name="Rows">What is true for every row of the table that can match, or null; cheap enough to filter a scan with.</param>
internal sealed record MergePruning(IReadOnlyList<AddFile> Files, Func<AddFile, bool>? MayMatch, DeltaExpression? Rows)
{
    public static async Task<MergePruning> FindAsync(DuckDbSession session, MergeRows operation, string rows, CancellationToken cancellationToken)
    {
        var sql = new RowSql(operation.SourceAlias);
        DeltaExpression? files = null, filter = null;
        foreach (var part in operation.On.Conjuncts())
        {
            var references = part.References().ToList();
            if (references.Count > 0 && references.TrueForAll(column => !sql.IsSource(column)))
            {
                (files, filter) = (KeyRanges.And(files, part), KeyRanges.And(filter, part));
            }
            else if (Key(part, sql) is var (column, value))
            {
                var ranges = await KeyRanges.FindAsync(session, operation.Target.Files.Count, column.Type!, sql.Render(value), rows, cancellationToken);
                // No key but null: nothing can match.
                if (ranges.Count == 0)
                    return new MergePruning([], _ => false, null);
                files = KeyRanges.And(files, KeyRanges.Within(column, ranges));
                filter = KeyRanges.And(filter, KeyRanges.Between(column, (ranges[0].Low, ranges[^1].High)));
            }
        }

        return new MergePruning(Candidates.Of(operation.Target, files), Candidates.MayMatch(operation.Target, files), filter);
    }

    /// <summary>A column of the table and the value of the source that it must equal, both of one type whose order is that of statistics.</summary>
    private static (ColumnReference Column, DeltaExpression Value)? Key(DeltaExpression part, RowSql sql)
    {
        if (part is not BinaryOperation { Operator: BinaryOperator.Equal } equal)
            return null;
        foreach (var (own, other) in new[] { (equal.Left, equal.Right), (equal.Right, equal.Left) })
        {
            if (own is ColumnReference column && !sql.IsSource(column) && column.Type == other.Type && KeyRanges.Has(column.Type!) && other.References().All(sql.IsSource))
                return (column, other);
        }

        return null;
    }
}
