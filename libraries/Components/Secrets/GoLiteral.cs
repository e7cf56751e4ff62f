using System.Globalization;
using System.Text;

namespace RealTimeMesh.Components;

/// <summary>daprd takes a resolved value that is a Go string literal as the text it stands for: <c>"a"</c> and <c>`a`</c> as <c>a</c>.</summary>
internal static class GoLiteral
{
    /// <summary>The text of a literal, or the argument where it is none.</summary>
    public static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != text[^1])
            return text;
        var inner = text.AsSpan(1, text.Length - 2);
        return text[0] switch
        {
            '`' => inner.Contains('`') ? text : inner.ToString().Replace("\r", "", StringComparison.Ordinal),
            '"' => Interpret(inner, '"') ?? text,
            '\'' => Interpret(inner, '\'') is { } rune && rune.EnumerateRunes().Count() == 1 ? rune : text,
            _ => text,
        };
    }

    private static string? Interpret(ReadOnlySpan<char> inner, char quote)
    {
        var result = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            var c = inner[i];
            if (c == quote || c == '\n')
                return null;
            if (c != '\\')
            {
                result.Append(c);
                continue;
            }

            if (++i == inner.Length)
                return null;
            switch (inner[i])
            {
                case 'x' or 'u' or 'U':
                    var length = inner[i] switch { 'x' => 2, 'u' => 4, _ => 8 };
                    if (i + length >= inner.Length
                        || !int.TryParse(inner.Slice(i + 1, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                        || !Rune.IsValid(code))
                        return null;
                    result.Append(new Rune(code).ToString());
                    i += length;
                    break;
                case var escape when Simple(escape, quote) is { } plain:
                    result.Append(plain);
                    break;
                default:
                    return null;
            }
        }

        return result.ToString();
    }

    private static char? Simple(char escape, char quote) => escape switch
    {
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        '\\' => '\\',
        '"' or '\'' when escape == quote => escape,
        _ => null,
    };
}
