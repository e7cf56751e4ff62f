using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Expressions;

/// <summary>The rules of a table as SQL: conditions that every written row passes on its way, in the same pass over the data.</summary>
public static class RuleSql
{
    /// <summary>The rows of a query; the statement fails at the first one that violates a rule, and names the rule and the row's values.</summary>
    /// <param name="marker">What the error's text begins with.</param>
    public static string Guarded(string query, IReadOnlyList<RowCheck> checks, string marker = "") =>
        checks.Count == 0 ? query : $"SELECT * FROM ({query}) WHERE {Guard(checks, marker)}";

    /// <summary>A condition that is true, or an error. Columns are those of the table, by name.</summary>
    public static string Guard(IReadOnlyList<RowCheck> checks, string marker = "") => string.Join(" AND ", checks.Select(check => Guard(check, marker)));

    /// <summary>What a column becomes that is not given, as a select item.</summary>
    public static string Fill(ColumnFill fill) => $"{DuckDbExpressions.ToSql(fill.Value)} AS {SqlText.Identifier(fill.Column)}";

    private static string Guard(RowCheck check, string marker)
    {
        var values = check.Condition.References().DistinctBy(column => column.ToString()).Select(column =>
            $" || {SqlText.Literal($"{column}: ")} || coalesce(CAST({DuckDbExpressions.ColumnOf(column)} AS VARCHAR), 'null')");
        var text = $"{SqlText.Literal($"{marker}{check.Label} is violated by row {{")}{string.Join(" || ', '", values)} || '}}; expected it to be true for every row; correct the row or change the constraint.'";
        return $"CASE WHEN coalesce({DuckDbExpressions.ToSql(check.Condition)}, false) THEN true ELSE CAST(error({text}) AS BOOLEAN) END";
    }
}
