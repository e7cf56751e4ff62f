namespace RealTimeMesh.Warehouse.Sql;

internal enum TokenKind
{
    /// <summary>Keyword or unquoted identifier, already folded to upper case.</summary>
    Word,

    /// <summary>Text inside double quotes.</summary>
    Quoted,

    /// <summary>Text of a string literal, escapes resolved.</summary>
    Text,
    Number,

    /// <summary>A stage reference without its <c>@</c>.</summary>
    Stage,
    Symbol,
}

/// <summary>A token of Snowflake's SQL.</summary>
/// <param name="SpaceBefore">White space or a comment stood in front of it.</param>
internal readonly record struct Token(TokenKind Kind, string Value, bool SpaceBefore)
{
    public bool Is(string word) => Kind is TokenKind.Word or TokenKind.Symbol && Value == word;

    public bool IsName => Kind is TokenKind.Word or TokenKind.Quoted;

    /// <summary>The token as DuckDB reads it.</summary>
    public string ToDuckDb() => Kind switch
    {
        TokenKind.Quoted => $"\"{Value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        TokenKind.Text => $"'{Value.Replace("'", "''", StringComparison.Ordinal)}'",
        TokenKind.Stage => $"@{Value}",
        _ => Value,
    };
}
