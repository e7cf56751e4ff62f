namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Words that are no column names unless they are quoted with backquotes.</summary>
internal static class Keywords
{
    private static readonly HashSet<string> s_reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "and", "between", "case", "cast", "distinct", "div", "else", "end", "escape", "exists", "false", "from", "ilike", "in", "is",
        "like", "not", "null", "or", "regexp", "rlike", "select", "then", "true", "when", "where",
    };

    public static bool IsReserved(string word) => s_reserved.Contains(word);
}
