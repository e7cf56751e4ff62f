using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealTimeMesh.Contracts;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Takes one query and nothing else from a user's text: DuckDB's own parser says what it is, before anything of it is run.</summary>
internal static partial class QueryText
{
    /// <summary>The query, in a form that can stand inside of another.</summary>
    public static async Task<string> ReadAsync(DuckDbSession session, string sql, CancellationToken cancellationToken)
    {
        using var parsed = JsonDocument.Parse(await ParseAsync(session, sql, cancellationToken));
        var root = parsed.RootElement;
        if (root.GetProperty("error").GetBoolean())
            throw Fault(sql, root);
        var statements = root.GetProperty("statements");
        if (statements.GetArrayLength() != 1)
            throw new RealTimeMeshException($"--sql: found {(statements.GetArrayLength() == 0 ? "no query" : $"{statements.GetArrayLength()} queries")}; expected one, such as \"select count(*) from t\".");
        var text = sql.Trim().TrimEnd(';');
        // DESCRIBE, SHOW and SUMMARIZE are queries only inside of another.
        return statements[0].GetProperty("node").TryGetProperty("from_table", out var from) && from.GetProperty("type").GetString() == "SHOW_REF" && !StartsQuery().IsMatch(text)
            ? $"SELECT * FROM ({text}\n)"
            : text;
    }

    /// <summary>A fault of the query in the user's own words: without what was put before it.</summary>
    public static DuckDbFaultException Own(DuckDbFaultException fault) => new(
        "--sql: " + LineNumber().Replace(fault.Message, match => $"LINE {int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) - 1}:"), fault);

    private static async Task<string> ParseAsync(DuckDbSession session, string sql, CancellationToken cancellationToken) =>
        (string)(await session.QueryAsync($"SELECT json_serialize_sql({SqlText.Literal(sql)})::VARCHAR", 0, 1, cancellationToken)).Rows[0][0]!;

    private static RealTimeMeshException Fault(string sql, JsonElement error)
    {
        if (error.GetProperty("error_type").GetString() != "parser")
            return new RealTimeMeshException($"--sql: found '{Shorten(sql)}'; expected a query (SELECT, FROM, VALUES, WITH, DESCRIBE or SUMMARIZE): tables are only read here.");
        var place = error.TryGetProperty("position", out var position) && int.TryParse(position.GetString(), CultureInfo.InvariantCulture, out var at) ? string.Create(CultureInfo.InvariantCulture, $", position {at + 1}") : "";
        return new RealTimeMeshException($"--sql{place}: {error.GetProperty("error_message").GetString()}");
    }

    private static string Shorten(string sql) => sql.Trim() is { Length: > 60 } text ? text[..60] + "…" : sql.Trim();

    [GeneratedRegex(@"^\(*\s*(select|from|with|values)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex StartsQuery();

    [GeneratedRegex(@"\bLINE (\d+):", RegexOptions.CultureInvariant)]
    private static partial Regex LineNumber();
}
