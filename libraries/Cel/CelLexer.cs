namespace RealTimeMesh.Cel;

/// <summary>Cuts an expression into tokens.</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] TwoCharacters = ["&&", "||", "==", "!=", "<=", ">="];

    private int _position;

    public static List<CelToken> Read(string text)
    {
        var lexer = new CelLexer(text);
        var tokens = new List<CelToken>();
        do
            tokens.Add(lexer.Next());
        while (tokens[^1].Kind != CelTokenKind.End);
        return tokens;
    }

    private char Current => At(0);

    private CelToken Next()
    {
        SkipSpace();
        if (_position >= text.Length)
            return new CelToken(CelTokenKind.End, "<EOF>", text.Length);
        if (LiteralPrefix() is { } prefix)
            return Quoted(prefix);
        if (char.IsAsciiLetter(Current) || Current == '_')
            return Take(CelTokenKind.Identifier, Count(0, c => char.IsAsciiLetterOrDigit(c) || c == '_'));
        if (char.IsAsciiDigit(Current) || (Current == '.' && char.IsAsciiDigit(At(1))))
            return Number();
        foreach (var symbol in TwoCharacters)
        {
            if (text.AsSpan(_position).StartsWith(symbol, StringComparison.Ordinal))
                return Take(CelTokenKind.Symbol, 2);
        }

        return "()[]{}.,?:!<>+-*/%".Contains(Current, StringComparison.Ordinal)
            ? Take(CelTokenKind.Symbol, 1)
            : throw Fault(_position, $"Syntax error: token recognition error at: '{Current}'");
    }

    /// <summary>How many letters before a quote mark a literal as raw or as bytes; null where no literal begins.</summary>
    private int? LiteralPrefix()
    {
        var length = 0;
        if (At(length) is 'b' or 'B')
            length++;
        if (At(length) is 'r' or 'R')
            length++;
        return At(length) is '"' or '\'' ? length : null;
    }

    private CelToken Quoted(int prefix)
    {
        var isBytes = At(0) is 'b' or 'B';
        var isRaw = prefix > 0 && At(prefix - 1) is 'r' or 'R';
        var quote = At(prefix);
        var isTriple = At(prefix + 1) == quote && At(prefix + 2) == quote;
        var length = prefix + (isTriple ? 3 : 1);
        while (true)
        {
            var next = At(length);
            if (_position + length >= text.Length || (!isTriple && next is '\n' or '\r'))
                throw Fault(_position, $"Syntax error: token recognition error at: '{text[_position..Math.Min(_position + length, text.Length)]}'");
            if (next == quote && (!isTriple || (At(length + 1) == quote && At(length + 2) == quote)))
                break;
            length += next == '\\' && !isRaw ? 2 : 1;
        }

        return Take(isBytes ? CelTokenKind.Bytes : CelTokenKind.String, length + (isTriple ? 3 : 1));
    }

    private CelToken Number()
    {
        if (Current == '0' && At(1) == 'x' && char.IsAsciiHexDigit(At(2)))
            return Suffixed(Count(2, char.IsAsciiHexDigit));
        var length = Count(0, char.IsAsciiDigit);
        var isDouble = false;
        if (At(length) == '.' && char.IsAsciiDigit(At(length + 1)))
        {
            isDouble = true;
            length = Count(length + 1, char.IsAsciiDigit);
        }

        if (At(length) is 'e' or 'E')
        {
            var digits = length + (At(length + 1) is '+' or '-' ? 2 : 1);
            if (char.IsAsciiDigit(At(digits)))
            {
                isDouble = true;
                length = Count(digits, char.IsAsciiDigit);
            }
        }

        return isDouble ? Take(CelTokenKind.Double, length) : Suffixed(length);
    }

    private CelToken Suffixed(int length) => At(length) is 'u' or 'U' ? Take(CelTokenKind.Uint, length + 1) : Take(CelTokenKind.Int, length);

    private CelToken Take(CelTokenKind kind, int length)
    {
        var token = new CelToken(kind, text.Substring(_position, length), _position);
        _position += length;
        return token;
    }

    /// <summary>Where the run of characters that begins at an offset ends.</summary>
    private int Count(int offset, Func<char, bool> belongs)
    {
        while (_position + offset < text.Length && belongs(At(offset)))
            offset++;
        return offset;
    }

    private void SkipSpace()
    {
        while (_position < text.Length)
        {
            if (Current is ' ' or '\t' or '\n' or '\r' or '\f')
                _position++;
            else if (Current == '/' && At(1) == '/')
                _position = text.IndexOf('\n', _position) is var end and >= 0 ? end : text.Length;
            else
                return;
        }
    }

    private char At(int offset) => _position + offset < text.Length ? text[_position + offset] : '\0';

    private CelSyntaxException Fault(int position, string fault) => new(text, position, fault);
}
