using System.Globalization;
using System.Text;

namespace RealTimeMesh.Cel;

/// <summary>The values of literals.</summary>
internal static class CelLiterals
{
    /// <summary>Null where the number does not fit.</summary>
    public static CelValue? Number(CelToken token, bool isNegative)
    {
        switch (token.Kind)
        {
            case CelTokenKind.Double:
                var real = double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
                return double.IsInfinity(real) ? null : CelValue.Double(isNegative ? -real : real);
            case CelTokenKind.Uint:
                return !isNegative && Magnitude(token.Text.AsSpan(0, token.Text.Length - 1)) is { } natural ? CelValue.Uint(natural) : null;
            default:
                return Magnitude(token.Text) switch
                {
                    null => null,
                    <= long.MaxValue and var small => CelValue.Int(isNegative ? -(long)small : (long)small),
                    (ulong)long.MaxValue + 1 when isNegative => CelValue.Int(long.MinValue),
                    _ => null,
                };
        }
    }

    /// <summary>The text of a string literal; null with the fault where an escape is wrong.</summary>
    public static string? Text(string token, out string fault)
    {
        var (body, isRaw) = Body(token, prefix: 0);
        var text = new StringBuilder(body.Length);
        fault = "";
        for (var i = 0; i < body.Length;)
        {
            if (body[i] != '\\' || isRaw)
            {
                text.Append(body[i++]);
                continue;
            }

            if (!TryEscape(body, ref i, out var code, out _) || !Rune.IsValid(code))
            {
                fault = "Syntax error: unable to unescape string";
                return null;
            }

            text.Append(new Rune(code).ToString());
        }

        return text.ToString();
    }

    /// <summary>The bytes of a bytes literal: UTF-8, in which <c>\x</c> and octal escapes are single bytes.</summary>
    public static byte[]? Bytes(string token, out string fault)
    {
        var (body, isRaw) = Body(token, prefix: 1);
        using var bytes = new MemoryStream();
        fault = "";
        for (var i = 0; i < body.Length;)
        {
            if (body[i] == '\\' && !isRaw)
            {
                if (!TryEscape(body, ref i, out var code, out var isUnicode) || isUnicode)
                {
                    fault = "Syntax error: unable to unescape string";
                    return null;
                }

                bytes.WriteByte((byte)code);
                continue;
            }

            var length = char.IsHighSurrogate(body[i]) && i + 1 < body.Length ? 2 : 1;
            bytes.Write(Encoding.UTF8.GetBytes(body.Substring(i, length)));
            i += length;
        }

        return bytes.ToArray();
    }

    private static ulong? Magnitude(ReadOnlySpan<char> digits) =>
        digits.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static (string Body, bool IsRaw) Body(string token, int prefix)
    {
        var isRaw = token[prefix] is 'r' or 'R';
        var rest = token.AsSpan(prefix + (isRaw ? 1 : 0));
        var quotes = rest.Length >= 6 && rest[1] == rest[0] && rest[2] == rest[0] ? 3 : 1;
        // As cel-go reads it: line ends are one character.
        return (rest[quotes..^quotes].ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'), isRaw);
    }

    private static bool TryEscape(string body, ref int i, out int code, out bool isUnicode)
    {
        code = 0;
        isUnicode = false;
        var letter = body[i + 1];
        i += 2;
        const string Letters = "abfnrtv\\?\"'`";
        if (Letters.IndexOf(letter, StringComparison.Ordinal) is var place and >= 0)
        {
            code = "\a\b\f\n\r\t\v\\?\"'`"[place];
            return true;
        }

        isUnicode = letter is 'u' or 'U';
        var (digits, radix) = letter switch
        {
            'x' or 'X' => (2, 16),
            'u' => (4, 16),
            'U' => (8, 16),
            >= '0' and <= '3' => (3, 8),
            _ => (0, 0),
        };
        if (digits == 0)
            return false;
        if (radix == 8)
            i--;
        for (var end = i + digits; i < end; i++)
        {
            var digit = i < body.Length && char.IsAsciiHexDigit(body[i]) ? Convert.ToInt32(body[i].ToString(), 16) : radix;
            if (digit >= radix || code > 0x10FFFF)
                return false;
            code = (code * radix) + digit;
        }

        return true;
    }
}
