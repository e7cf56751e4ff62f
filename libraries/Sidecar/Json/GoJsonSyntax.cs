using System.Runtime.CompilerServices;

namespace RealTimeMesh.Sidecar.Json;

/// <summary>
/// What Go's JSON decoder says of a text: clients of daprd see (and its tests compare) these sentences. Runs only
/// where a body was refused.
/// </summary>
internal ref struct GoJsonSyntax
{
    public const string TooDeep = "exceeded max depth";

    private const int MaxDepth = 10_000;

    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private string? _fault;

    private GoJsonSyntax(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>The fault of the first value, or null; <paramref name="end"/> is where that value ends. What follows it is not looked at, as Go's decoder does.</summary>
    public static string? Fault(ReadOnlySpan<byte> text, out int end)
    {
        var scan = new GoJsonSyntax(text);
        scan.SkipSpace();
        end = 0;
        if (scan._at == text.Length)
            return "EOF";
        scan.Value(0);
        end = scan._at;
        return scan._fault;
    }

    private void Value(int depth)
    {
        // A body must not end the process, however small the stack of its thread.
        if (depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _fault ??= TooDeep;
            return;
        }

        SkipSpace();
        if (!Peek(out var first))
            return;
        switch (first)
        {
            case (byte)'{':
                _at++;
                Members(depth);
                break;
            case (byte)'[':
                _at++;
                Items(depth);
                break;
            case (byte)'"':
                _at++;
                Text();
                break;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                Number();
                break;
            case (byte)'t':
                Literal("true");
                break;
            case (byte)'f':
                Literal("false");
                break;
            case (byte)'n':
                Literal("null");
                break;
            default:
                Invalid(first, "looking for beginning of value");
                break;
        }
    }

    private void Members(int depth)
    {
        const string BeginKey = "looking for beginning of object key string";
        SkipSpace();
        if (!Peek(out var next))
            return;
        if (next == '}')
        {
            _at++;
            return;
        }

        while (_fault is null)
        {
            SkipSpace();
            if (!Expect('"', BeginKey))
                return;
            Text();
            SkipSpace();
            if (_fault is not null || !Expect(':', "after object key"))
                return;
            Value(depth + 1);
            SkipSpace();
            if (_fault is not null || !Peek(out next))
                return;
            _at++;
            if (next == '}')
                return;
            if (next != ',')
                Invalid(next, "after object key:value pair");
        }
    }

    private void Items(int depth)
    {
        SkipSpace();
        if (!Peek(out var next))
            return;
        if (next == ']')
        {
            _at++;
            return;
        }

        while (_fault is null)
        {
            Value(depth + 1);
            SkipSpace();
            if (_fault is not null || !Peek(out next))
                return;
            _at++;
            if (next == ']')
                return;
            if (next != ',')
                Invalid(next, "after array element");
        }
    }

    private void Text()
    {
        while (Peek(out var c))
        {
            _at++;
            if (c == '"')
                return;
            if (c < 0x20)
            {
                Invalid(c, "in string literal");
                return;
            }

            if (c == '\\' && !Escape())
                return;
        }
    }

    private bool Escape()
    {
        if (!Peek(out var c))
            return false;
        _at++;
        if (c == 'u')
        {
            for (var i = 0; i < 4; i++)
            {
                if (!Peek(out var digit))
                    return false;
                if (!char.IsAsciiHexDigit((char)digit))
                    return Invalid(digit, "in \\u hexadecimal character escape");
                _at++;
            }

            return true;
        }

        return c is (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' or (byte)'\\' or (byte)'/' or (byte)'"' || Invalid(c, "in string escape code");
    }

    private void Number()
    {
        if (_text[_at] == '-')
        {
            _at++;
            if (!Digit("in numeric literal"))
                return;
            _at--;
        }

        // A number ends where its last digit does: what comes next belongs to the value around it.
        if (_text[_at++] != '0')
            Digits();
        if (_at < _text.Length && _text[_at] == '.')
        {
            _at++;
            if (!Digit("after decimal point in numeric literal"))
                return;
            Digits();
        }

        if (_at < _text.Length && _text[_at] is (byte)'e' or (byte)'E')
        {
            _at++;
            if (_at < _text.Length && _text[_at] is (byte)'+' or (byte)'-')
                _at++;
            if (Digit("in exponent of numeric literal"))
                Digits();
        }
    }

    private bool Digit(string context)
    {
        if (!Peek(out var c))
            return false;
        if (!char.IsAsciiDigit((char)c))
            return Invalid(c, context);
        _at++;
        return true;
    }

    private void Digits()
    {
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at]))
            _at++;
    }

    private void Literal(string word)
    {
        _at++;
        foreach (var expected in word.AsSpan(1))
        {
            if (!Expect(expected, $"in literal {word} (expecting '{expected}')"))
                return;
        }
    }

    private bool Expect(char expected, string context)
    {
        if (!Peek(out var c))
            return false;
        if (c != expected)
            return Invalid(c, context);
        _at++;
        return true;
    }

    private bool Peek(out byte next)
    {
        if (_at < _text.Length)
        {
            next = _text[_at];
            return true;
        }

        next = 0;
        _fault ??= "unexpected EOF";
        return false;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            _at++;
    }

    private bool Invalid(byte c, string context)
    {
        _fault ??= $"invalid character {Quote(c)} {context}";
        return false;
    }

    private static string Quote(byte c) => c switch
    {
        (byte)'\'' => @"'\''",
        (byte)'"' => "'\"'",
        (byte)'\\' => @"'\\'",
        (byte)'\a' => @"'\a'",
        (byte)'\b' => @"'\b'",
        (byte)'\f' => @"'\f'",
        (byte)'\n' => @"'\n'",
        (byte)'\r' => @"'\r'",
        (byte)'\t' => @"'\t'",
        (byte)'\v' => @"'\v'",
        < 0x20 or 0x7f => $@"'\x{c:x2}'",
        // Go takes the byte for a code point: those up to U+00A0 and the soft hyphen do not print.
        (>= 0x80 and <= 0xa0) or 0xad => $@"'\u00{c:x2}'",
        _ => $"'{(char)c}'",
    };
}
