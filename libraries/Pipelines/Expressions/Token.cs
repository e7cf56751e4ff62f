namespace RealTimeMesh.Pipelines;

internal enum TokenKind
{
    End,
    Integer,
    Float,
    Text,
    Name,
    QuotedName,
    Symbol,
}

/// <summary>One word of an expression. <paramref name="Value"/> is unescaped; symbols and names stand as written.</summary>
internal readonly record struct Token(TokenKind Kind, string Value, int Position)
{
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Value == symbol;

    public bool IsWord(string word) => Kind == TokenKind.Name && Value.Equals(word, StringComparison.OrdinalIgnoreCase);

    public string Describe() => Kind == TokenKind.End ? "the end" : $"'{Value}'";
}
