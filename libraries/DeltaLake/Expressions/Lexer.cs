using System.Globalization;
using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Cuts SQL text into tokens by Spark's rules of quoting and escapes.</summary>
internal sealed class Lexer(string sql)
{
    private static readonly string[] s_symbols = ["<=>", "<>", "!=", "<=", ">=", "==", "||", "::", "->", "<", ">", "=", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ".", "&", "|", "^", "~", ":"];

    private int _at;

    public List<Token> ReadAll()
    {
        List<Token> tokens = [];
        while (true)
        {
            SkipBlank();
            var token = Next();
            tokens.Add(token);
            if (token.Kind == TokenKind.End)
                return tokens;
        }
    }

    private void SkipBlank()
    {
        while (_at < sql.Length)
        {
            if (char.IsWhiteSpace(sql[_at]))
            {
                _at++;
            }
            else if (Starts("--"))
            {
                while (_at < sql.Length && sql[_at] != '\n')
                    _at++;
            }
            else if (Starts("/*"))
            {
                var end = sql.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (end < 0)
                    throw Fault(_at, "found a comment without an end; expected '*/'");
                _at = end + 2;
            }
            else
            {
                return;
            }
        }
    }

    private Token Next()
    {
        if (_at == sql.Length)
            return new Token(TokenKind.End, "", _at);
        var start = _at;
        var c = sql[_at];
        if (c is 'r' or 'R' && _at + 1 < sql.Length && sql[_at + 1] is '\'' or '"')
        {
            _at++;
            return new Token(TokenKind.Text, Raw(sql[_at]), start);
        }

        if (c is '\'' or '"')
            return new Token(TokenKind.Text, Quoted(c), start);
        if (c == '`')
            return new Token(TokenKind.Quoted, Backquoted(), start);
        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < sql.Length && char.IsAsciiDigit(sql[_at + 1]) && !FollowsName()))
            return Number();
        if (char.IsLetter(c) || c == '_')
        {
            while (_at < sql.Length && (char.IsLetterOrDigit(sql[_at]) || sql[_at] == '_'))
                _at++;
            return new Token(TokenKind.Word, sql[start.._at], start);
        }

        var symbol = Array.Find(s_symbols, Starts) ?? throw Fault(_at, $"found '{c}', which begins nothing in SQL; expected a name, a literal or an operator");
        _at += symbol.Length;
        return new Token(TokenKind.Symbol, symbol, start);
    }

    /// <summary>Whether a point continues a name: <c>a.1</c>.</summary>
    private bool FollowsName() => _at > 0 && (char.IsLetterOrDigit(sql[_at - 1]) || sql[_at - 1] is '_' or '`' or ']' or ')');

    private Token Number()
    {
        var start = _at;
        Digits();
        if (_at < sql.Length && sql[_at] == '.')
        {
            _at++;
            Digits();
        }

        if (_at < sql.Length && sql[_at] is 'e' or 'E')
        {
            var mark = _at++;
            if (_at < sql.Length && sql[_at] is '+' or '-')
                _at++;
            if (_at < sql.Length && char.IsAsciiDigit(sql[_at]))
                Digits();
            else
                _at = mark;
        }

        while (_at < sql.Length && (char.IsLetterOrDigit(sql[_at]) || sql[_at] == '_'))
            _at++;
        return new Token(TokenKind.Number, sql[start.._at], start);
    }

    private void Digits()
    {
        while (_at < sql.Length && char.IsAsciiDigit(sql[_at]))
            _at++;
    }

    private string Backquoted()
    {
        var start = _at++;
        var name = new StringBuilder();
        for (; _at < sql.Length; _at++)
        {
            if (sql[_at] == '`')
            {
                _at++;
                if (_at == sql.Length || sql[_at] != '`')
                    return name.Length > 0 ? name.ToString() : throw Fault(start, "found an empty name; expected a name between backquotes");
            }

            name.Append(sql[_at]);
        }

        throw Fault(start, "found a name without an end; expected '`'");
    }

    private string Raw(char quote)
    {
        var start = ++_at;
        var end = sql.IndexOf(quote, start);
        if (end < 0)
            throw Fault(start - 1, $"found a text without an end; expected {quote}");
        _at = end + 1;
        return sql[start..end];
    }

    private string Quoted(char quote)
    {
        var start = _at++;
        var text = new StringBuilder();
        while (_at < sql.Length)
        {
            var c = sql[_at++];
            if (c == quote)
            {
                // A doubled quote is one quote, as in Spark 4 and the standard.
                if (_at == sql.Length || sql[_at] != quote)
                    return text.ToString();
                _at++;
                text.Append(quote);
            }
            else if (c == '\\' && _at < sql.Length)
            {
                Escape(text);
            }
            else
            {
                text.Append(c);
            }
        }

        throw Fault(start, $"found a text without an end; expected {quote}");
    }

    private void Escape(StringBuilder text)
    {
        var c = sql[_at++];
        switch (c)
        {
            case 'u' when TryHex(4, out var unit):
                text.Append((char)unit);
                break;
            case 'U' when TryHex(8, out var rune) && Rune.IsValid(rune):
                text.Append(new Rune(rune).ToString());
                break;
            case >= '0' and <= '3' when _at + 2 <= sql.Length && sql[_at] is >= '0' and <= '7' && sql[_at + 1] is >= '0' and <= '7':
                text.Append((char)(((c - '0') * 64) + ((sql[_at] - '0') * 8) + sql[_at + 1] - '0'));
                _at += 2;
                break;
            case '%' or '_':
                // They keep their backslash: it is the pattern's.
                text.Append('\\').Append(c);
                break;
            default:
                text.Append(c switch { '0' => '\0', 'b' => '\b', 'n' => '\n', 'r' => '\r', 't' => '\t', 'Z' => '\u001A', _ => c });
                break;
        }
    }

    private bool TryHex(int digits, out int value)
    {
        value = 0;
        if (_at + digits > sql.Length || !int.TryParse(sql.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
            return false;
        _at += digits;
        return true;
    }

    private bool Starts(string text) => string.CompareOrdinal(sql, _at, text, 0, text.Length) == 0;

    private ExpressionException Fault(int position, string message) => ExpressionException.In(sql, position, message);
}
