namespace RealTimeMesh.DeltaLake.Expressions;

internal enum TokenKind
{
    End,

    /// <summary>A word: keyword or name.</summary>
    Word,

    /// <summary>A name in backquotes.</summary>
    Quoted,

    /// <summary>A text in single or double quotes, its escapes resolved.</summary>
    Text,

    /// <summary>Digits with what belongs to them: point, exponent, suffix.</summary>
    Number,
    Symbol,
}

/// <summary>A piece of SQL text.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Position)
{
    public bool IsWord(string word) => Kind == TokenKind.Word && string.Equals(Text, word, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    /// <summary>For messages.</summary>
    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => $"the text '{Text}'",
        TokenKind.Quoted => $"`{Text}`",
        _ => $"'{Text}'",
    };
}
