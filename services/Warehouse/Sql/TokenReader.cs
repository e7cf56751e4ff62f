namespace RealTimeMesh.Warehouse.Sql;

/// <summary>Walks the tokens of one statement.</summary>
internal sealed class TokenReader(IReadOnlyList<Token> tokens)
{
    public int Position { get; private set; }

    public bool AtEnd => Position >= tokens.Count;

    public Token? Peek => AtEnd ? null : tokens[Position];

    public IReadOnlyList<Token> Rest => [.. tokens.Skip(Position)];

    public bool PeekIs(string word) => Peek is { } token && token.Is(word);

    public bool Take(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (Position + i >= tokens.Count || !tokens[Position + i].Is(words[i]))
                return false;
        }

        Position += words.Length;
        return true;
    }

    public Token Next(string expected)
    {
        if (AtEnd)
            throw SqlFault.Syntax($"unexpected end of the statement; expected {expected}");
        return tokens[Position++];
    }

    public void Expect(string word)
    {
        if (!Take(word))
            throw SqlFault.Syntax($"found '{Peek?.Value ?? "end of the statement"}'; expected {word}");
    }

    /// <summary>A name of one to three parts, as DuckDB reads it, and its last part.</summary>
    public (string Sql, string Last) Name(string expected)
    {
        var parts = new List<Token>();
        do
        {
            var token = Next(expected);
            if (!token.IsName)
                throw SqlFault.Syntax($"found '{token.Value}'; expected {expected}");
            parts.Add(token);
        }
        while (Take("."));
        return (string.Join('.', parts.Select(part => new Token(TokenKind.Quoted, part.Value, false).ToDuckDb())), parts[^1].Value);
    }

    /// <summary>Everything between a parenthesis and its partner, which are consumed.</summary>
    public IReadOnlyList<Token> Parenthesis()
    {
        Expect("(");
        var start = Position;
        for (var depth = 1; depth > 0;)
        {
            var token = Next("')'");
            depth += token.Is("(") ? 1 : token.Is(")") ? -1 : 0;
        }

        return [.. tokens.Skip(start).Take(Position - 1 - start)];
    }
}
