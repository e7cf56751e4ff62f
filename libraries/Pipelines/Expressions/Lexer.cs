using System.Text;

namespace RealTimeMesh.Pipelines;

/// <summary>Splits an expression into tokens.</summary>
internal static class Lexer
{
    private static readonly string[] LongSymbols = ["<=", ">=", "<>", "!=", "||", "::"];

    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
                i++;
            else if (char.IsAsciiDigit(c) || (c == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])))
                i = ReadNumber(text, i, tokens);
            else if (c is '\'' or '"')
                i = ReadQuoted(text, i, tokens);
            else if (char.IsLetter(c) || c == '_')
                i = ReadName(text, i, tokens);
            else
                i = ReadSymbol(text, i, tokens);
        }

        tokens.Add(new Token(TokenKind.End, "", text.Length));
        return tokens;
    }

    private static int ReadNumber(string text, int start, List<Token> tokens)
    {
        var i = start;
        var isFloat = false;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
            i++;
        if (i < text.Length && text[i] == '.')
        {
            isFloat = true;
            i++;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
                i++;
        }

        if (i < text.Length && text[i] is 'e' or 'E')
        {
            var exponent = i + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
                exponent++;
            if (exponent >= text.Length || !char.IsAsciiDigit(text[exponent]))
                throw new ExpressionException(start, $"number '{text[start..exponent]}' has no exponent digits");
            isFloat = true;
            i = exponent;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
                i++;
        }

        if (i < text.Length && (char.IsLetter(text[i]) || text[i] == '_'))
            throw new ExpressionException(start, $"found '{text[start..(i + 1)]}'; expected a number or a name; names start with a letter");
        tokens.Add(new Token(isFloat ? TokenKind.Float : TokenKind.Integer, text[start..i], start));
        return i;
    }

    private static int ReadQuoted(string text, int start, List<Token> tokens)
    {
        var quote = text[start];
        var value = new StringBuilder();
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] != quote)
                value.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == quote)
                value.Append(text[i++]);
            else
            {
                tokens.Add(new Token(quote == '\'' ? TokenKind.Text : TokenKind.QuotedName, value.ToString(), start));
                return i + 1;
            }
        }

        throw new ExpressionException(start, $"the quote {quote} is never closed");
    }

    private static int ReadName(string text, int start, List<Token> tokens)
    {
        var i = start;
        // A point between two names is part of one: fields of a join are 'left.x' and 'right.y'.
        while (i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] == '_' || (text[i] == '.' && i + 1 < text.Length && (char.IsLetter(text[i + 1]) || text[i + 1] == '_'))))
            i++;
        tokens.Add(new Token(TokenKind.Name, text[start..i], start));
        return i;
    }

    private static int ReadSymbol(string text, int start, List<Token> tokens)
    {
        foreach (var symbol in LongSymbols)
        {
            if (string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0)
            {
                tokens.Add(new Token(TokenKind.Symbol, symbol == "!=" ? "<>" : symbol, start));
                return start + symbol.Length;
            }
        }

        if (!"+-*/%()<>=,".Contains(text[start]))
            throw new ExpressionException(start, $"character '{text[start]}' has no meaning in an expression");
        if (text[start] == '/' && start + 1 < text.Length && text[start + 1] == '/')
            throw new ExpressionException(start, "'//' is not available; use floor(a / b)");
        tokens.Add(new Token(TokenKind.Symbol, text[start].ToString(), start));
        return start + 1;
    }
}
