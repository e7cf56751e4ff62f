using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Expressions;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Expressions over a row of the table (<c>t</c>) and a row of the source (<c>s</c>).</summary>
/// <param name="sourceAlias">What expressions call the source; null where there is none.</param>
internal sealed class RowSql(string? sourceAlias)
{
    public string Render(DeltaExpression expression) => DuckDbExpressions.ToSql(expression, Column);

    /// <summary>A value for a column, of the column's type.</summary>
    public string Value(Assignment assignment) => assignment.Numbers is { } numbers ? Number(numbers) : assignment.Value is { } value
        ? StoreSql.Cast(Render(value), value.Type!, assignment.Column.Type)
        : ColumnSql.NullOf(assignment.Column.Type);

    /// <summary>A number for each row of the query, counted within it.</summary>
    private static string Number(IdentityNumbers numbers) => string.Create(CultureInfo.InvariantCulture,
        $"CASE WHEN row_number() OVER () <= {numbers.Left} THEN CAST(CAST({numbers.First} AS HUGEINT) + CAST({numbers.Step} AS HUGEINT) * (row_number() OVER () - 1) AS BIGINT) ELSE {RowChecks.Fail($"identity column '{numbers.Column}' has {numbers.Left} numbers left from {numbers.First} on; expected room within a long for all new rows; write a new table.", "BIGINT")} END");

    /// <summary>The number of the first clause (from 1) whose condition is true; 0 where none is.</summary>
    public string Choice(IEnumerable<(int Number, DeltaExpression? Condition)> clauses)
    {
        var branches = string.Join(' ', clauses.Select(clause => $"WHEN {(clause.Condition is null ? "true" : Render(clause.Condition))} THEN {clause.Number}"));
        return branches.Length == 0 ? "0" : $"CASE {branches} ELSE 0 END";
    }

    public bool IsSource(ColumnReference column) => sourceAlias is not null && string.Equals(column.Relation, sourceAlias, StringComparison.OrdinalIgnoreCase);

    private string Column(ColumnReference column)
    {
        var sql = $"{(IsSource(column) ? 's' : 't')}.{SqlText.Identifier(column.Path[0].Name)}";
        return column.Path.Skip(1).Aggregate(sql, (inner, field) => $"struct_extract({inner}, {SqlText.Literal(field.Name)})");
    }
}
