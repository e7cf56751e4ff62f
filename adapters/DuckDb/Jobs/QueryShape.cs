using System.Text.Json;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>
/// Tells whether a query works row by row on the table that drives it: one pass over its rows, each giving rows that
/// depend on nothing but itself and on other tables. Only then do the new rows alone give the rows to merge; anything
/// else (aggregates, windows, DISTINCT, LIMIT, set operations, subqueries, the driver on the optional side of a join
/// or read twice) is run over the whole table for the affected keys. When in doubt the answer is no: that is slower, never wrong.
/// </summary>
internal static class QueryShape
{
    public static async Task<bool> IsRowWiseAsync(DuckDbSession session, string sql, string driver, CancellationToken cancellationToken)
    {
        var text = (string?)await session.ScalarAsync($"SELECT json_serialize_sql({SqlText.Literal(sql)})::VARCHAR", cancellationToken);
        using var tree = JsonDocument.Parse(text ?? "{}");
        if (!tree.RootElement.TryGetProperty("statements", out var statements) || statements.GetArrayLength() != 1)
            return false;

        var aggregates = (await session.RowsAsync("SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'aggregate'", cancellationToken))
            .Select(row => (string)row[0]!).ToHashSet(StringComparer.Ordinal);
        var node = statements[0].GetProperty("node");
        return Text(node, "type") == "SELECT_NODE"
            && IsEmpty(node, "modifiers") && IsEmpty(node, "group_expressions")
            && IsNull(node, "having") && IsNull(node, "qualify") && IsNull(node, "sample")
            && node.GetProperty("cte_map").GetProperty("map").GetArrayLength() == 0
            && ReadsDriverFirst(node.GetProperty("from_table"), driver)
            && !HasCrossRowExpression(node, aggregates);
    }

    private static bool ReadsDriverFirst(JsonElement from, string driver)
    {
        if (Text(from, "type") == "JOIN")
        {
            return Text(from, "join_type") is "INNER" or "LEFT"
                && Text(from, "ref_type") is "REGULAR" or "CROSS"
                && ReadsDriverFirst(from.GetProperty("left"), driver)
                && from.GetProperty("right") is var right
                && Text(right, "type") == "BASE_TABLE" && !IsDriver(right, driver);
        }

        return Text(from, "type") == "BASE_TABLE" && IsDriver(from, driver);
    }

    private static bool IsDriver(JsonElement table, string driver)
    {
        var schema = Text(table, "schema_name");
        var name = Text(table, "table_name");
        return string.Equals(string.IsNullOrEmpty(schema) ? name : $"{schema}.{name}", driver, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasCrossRowExpression(JsonElement element, HashSet<string> aggregates)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                if (Text(element, "class") is "WINDOW" or "SUBQUERY")
                    return true;
                if (Text(element, "class") == "FUNCTION" && aggregates.Contains(Text(element, "function_name")?.ToLowerInvariant() ?? ""))
                    return true;
                return element.EnumerateObject().Any(property => HasCrossRowExpression(property.Value, aggregates));
            case JsonValueKind.Array:
                return element.EnumerateArray().Any(item => HasCrossRowExpression(item, aggregates));
            default:
                return false;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsNull(JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null;

    private static bool IsEmpty(JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value) || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
}
