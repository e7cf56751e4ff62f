using System.Text;

namespace RealTimeMesh.DuckDb;

/// <summary>Quoting of names and texts for SQL that is put together here.</summary>
public static class SqlText
{
    /// <summary>A quoted identifier.</summary>
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A quoted text.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Quoted identifiers, comma-separated.</summary>
    public static string Identifiers(IEnumerable<string> names, string prefix = "") => string.Join(", ", names.Select(name => prefix + Identifier(name)));

    /// <summary>A list of texts: <c>['a', 'b']</c>.</summary>
    public static string List(IEnumerable<string> texts)
    {
        var sql = new StringBuilder("[");
        foreach (var text in texts)
            sql.Append(sql.Length == 1 ? "" : ", ").Append(Literal(text));
        return sql.Append(']').ToString();
    }
}
