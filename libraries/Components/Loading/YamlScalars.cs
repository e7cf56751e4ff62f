using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Components;

/// <summary>What a plain scalar means under YAML 1.1 as Kubernetes' YAML library, and so daprd, applies it.</summary>
internal static partial class YamlScalars
{
    /// <param name="text">The scalar.</param>
    /// <param name="plain">False where it was quoted or a block: then it is a text.</param>
    /// <param name="line">1-based line.</param>
    public static ResourceNode Read(string text, bool plain, int line)
    {
        if (!plain)
            return Text(text, line);
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return new ResourceNode(ResourceNodeKind.Null, line, "", "null");
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return new ResourceNode(ResourceNodeKind.Boolean, line, "true", "true");
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return new ResourceNode(ResourceNodeKind.Boolean, line, "false", "false");
        }

        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
            return Text(text, line);
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (text[0] != '.' && Integer(digits) is { } integer)
        {
            var written = integer.ToString(CultureInfo.InvariantCulture);
            return new ResourceNode(ResourceNodeKind.Number, line, written, written);
        }

        return FloatForm().IsMatch(digits) && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new ResourceNode(ResourceNodeKind.Number, line, GoJson.General(number), GoJson.Number(number))
            : Text(text, line);
    }

    private static ResourceNode Text(string text, int line) => new(ResourceNodeKind.Text, line, text, "");

    // Decimal, 0x hexadecimal, 0b binary, 0o or 0 octal, with a sign.
    private static BigInteger? Integer(string text)
    {
        var negative = text.StartsWith('-');
        var rest = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        var (radix, skipped) = rest switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        rest = rest[skipped..];
        // A number of more digits than any 64-bit one needs is left to the bound of a settings text: it stays a text.
        if (rest.IsEmpty || rest.Length > 100)
            return null;
        BigInteger value = 0;
        foreach (var c in rest)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix)
                return null;
            value = (value * radix) + digit;
        }

        return negative ? -value : value;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex FloatForm();
}
