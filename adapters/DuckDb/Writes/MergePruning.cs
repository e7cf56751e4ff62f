using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Which files can hold rows that match a source row: by what the condition says of the table alone, and by the range of the source's keys.</summary>
internal sealed record MergePruning(IReadOnlyList<AddFile> Files, Func<AddFile, bool>? MayMatch)
{
    public static async Task<MergePruning> FindAsync(DuckDbSession session, MergeRows operation, string rows, CancellationToken cancellationToken)
    {
        var sql = new RowSql(operation.SourceAlias);
        DeltaExpression? where = null;
        foreach (var part in operation.On.Conjuncts())
        {
            var references = part.References().ToList();
            if (references.Count > 0 && references.TrueForAll(column => !sql.IsSource(column)))
            {
                where = And(where, part);
            }
            else if (Key(part, sql) is var (column, value))
            {
                var range = (await session.RowsAsync($"SELECT {Number(column.Type!, $"min({sql.Render(value)})")}, {Number(column.Type!, $"max({sql.Render(value)})")} FROM {rows} s", cancellationToken))[0];
                // No key but null: nothing can match.
                if (range[0] is null)
                    return new MergePruning([], _ => false);
                where = And(where, And(Compare(BinaryOperator.GreaterOrEqual, column, range[0]!), Compare(BinaryOperator.LessOrEqual, column, range[1]!)));
            }
        }

        return new MergePruning(Candidates.Of(operation.Target, where), Candidates.MayMatch(operation.Target, where));
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

    private static BinaryOperation Compare(BinaryOperator operation, ColumnReference column, object bound) =>
        new(operation, column, new Literal(bound is string ? bound : Convert.ToInt64(bound, CultureInfo.InvariantCulture)) { Type = column.Type }) { Type = PrimitiveType.Boolean };

    private static DeltaExpression And(DeltaExpression? left, DeltaExpression right) =>
        left is null ? right : new BinaryOperation(BinaryOperator.And, left, right) { Type = PrimitiveType.Boolean };
}
