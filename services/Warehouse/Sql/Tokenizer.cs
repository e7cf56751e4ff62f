using System.Text;

namespace RealTimeMesh.Warehouse.Sql;

/// <summary>Cuts Snowflake SQL into statements of tokens: comments dropped, unquoted names folded to upper case, string escapes resolved.</summary>
internal sealed class Tokenizer
{
    private static readonly string[] LongSymbols = ["::", "<>", "!=", ">=", "<=", "||", "=>", "->"];

    private readonly string _sql;
    private int _at;

    private Tokenizer(string sql) => _sql = sql;

    /// <summary>The statements of a text, without the empty ones.</summary>
    public static IReadOnlyList<IReadOnlyList<Token>> Split(string sql)
    {
        var tokenizer = new Tokenizer(sql);
        var statements = new List<IReadOnlyList<Token>>();
        var current = new List<Token>();
        while (tokenizer.Next() is { } token)
        {
            if (token.Is(";"))
            {
                if (current.Count > 0)
                    statements.Add(current);
                current = [];
            }
            else
            {
                current.Add(token);
            }
        }

        if (current.Count > 0)
            statements.Add(current);
        return statements;
    }

    private Token? Next()
    {
        var space = SkipBlank();
        if (_at >= _sql.Length)
            return null;
        var c = _sql[_at];
        if (char.IsLetter(c) || c == '_')
            return new Token(TokenKind.Word, TakeWhile(x => char.IsLetterOrDigit(x) || x is '_' or '$').ToUpperInvariant(), space);
        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < _sql.Length && char.IsAsciiDigit(_sql[_at + 1])))
            return new Token(TokenKind.Number, TakeNumber(), space);
        if (c == '"')
            return new Token(TokenKind.Quoted, TakeQuoted(), space);
        if (c == '\'')
            return new Token(TokenKind.Text, TakeText(), space);
        if (c == '$' && _sql.AsSpan(_at).StartsWith("$$"))
            return new Token(TokenKind.Text, TakeDollarText(), space);
        if (c == '@')
        {
            _at++;
            return new Token(TokenKind.Stage, TakeWhile(x => !char.IsWhiteSpace(x) && x is not (')' or '(' or ';' or ',')), space);
        }

        var symbol = Array.Find(LongSymbols, candidate => _sql.AsSpan(_at).StartsWith(candidate)) ?? c.ToString();
        _at += symbol.Length;
        return new Token(TokenKind.Symbol, symbol, space);
    }

    private bool SkipBlank()
    {
        var start = _at;
        while (_at < _sql.Length)
        {
            var rest = _sql.AsSpan(_at);
            if (char.IsWhiteSpace(rest[0]))
            {
                _at++;
            }
            else if (rest.StartsWith("--") || rest.StartsWith("//"))
            {
                var end = rest.IndexOf('\n');
                _at = end < 0 ? _sql.Length : _at + end;
            }
            else if (rest.StartsWith("/*"))
            {
                var end = rest[2..].IndexOf("*/");
                _at = end < 0 ? throw SqlFault.Syntax("a comment '/*' has no end") : _at + end + 4;
            }
            else
            {
                break;
            }
        }

        return _at > start;
    }

    private string TakeWhile(Func<char, bool> accept)
    {
        var start = _at;
        while (_at < _sql.Length && accept(_sql[_at]))
            _at++;
        return _sql[start.._at];
    }

    private string TakeNumber()
    {
        var start = _at;
        TakeWhile(x => char.IsAsciiDigit(x) || x == '.');
        if (_at < _sql.Length && _sql[_at] is 'e' or 'E')
        {
            _at++;
            if (_at < _sql.Length && _sql[_at] is '+' or '-')
                _at++;
            TakeWhile(char.IsAsciiDigit);
        }

        return _sql[start.._at];
    }

    private string TakeQuoted()
    {
        var name = new StringBuilder();
        for (_at++; _at < _sql.Length; _at++)
        {
            if (_sql[_at] != '"')
                name.Append(_sql[_at]);
            else if (_at + 1 < _sql.Length && _sql[_at + 1] == '"')
                name.Append(_sql[++_at]);
            else
            {
                _at++;
                return name.ToString();
            }
        }

        throw SqlFault.Syntax("an identifier in double quotes has no end");
    }

    // Snowflake resolves backslash escapes in single-quoted strings; DuckDB does not.
    private string TakeText()
    {
        var text = new StringBuilder();
        for (_at++; _at < _sql.Length; _at++)
        {
            var c = _sql[_at];
            if (c == '\\' && _at + 1 < _sql.Length)
            {
                text.Append(_sql[++_at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', '0' => '\0', 'b' => '\b', 'f' => '\f', var other => other });
            }
            else if (c != '\'')
            {
                text.Append(c);
            }
            else if (_at + 1 < _sql.Length && _sql[_at + 1] == '\'')
            {
                text.Append('\'');
                _at++;
            }
            else
            {
                _at++;
                return text.ToString();
            }
        }

        throw SqlFault.Syntax("a string literal has no end");
    }

    private string TakeDollarText()
    {
        var end = _sql.IndexOf("$$", _at + 2, StringComparison.Ordinal);
        if (end < 0)
            throw SqlFault.Syntax("a string literal '$$' has no end");
        var text = _sql[(_at + 2)..end];
        _at = end + 2;
        return text;
    }
}
