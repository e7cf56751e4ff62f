using System.Text.Json;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Values of <c>commitInfo.operationParameters</c> as Spark writes them: JSON in a text.</summary>
internal static class Parameters
{
    public static string List(IEnumerable<string> items) => JsonSerializer.Serialize(items);

    /// <summary>A list of one predicate, or none.</summary>
    public static string Predicate(DeltaExpression? where) => List(where is null ? [] : [where.ToString()]);

    public static string Clauses(IEnumerable<MergeClause> clauses) => JsonSerializer.Serialize(clauses.Select(clause =>
    {
        var item = new Dictionary<string, string>(StringComparer.Ordinal);
        if (clause.Condition is not null)
            item["predicate"] = clause.Condition;
        item["actionType"] = clause.Action switch
        {
            MergeAction.MatchedUpdate or MergeAction.NotMatchedBySourceUpdate => "update",
            MergeAction.NotMatchedInsert => "insert",
            _ => "delete",
        };
        return item;
    }));
}
