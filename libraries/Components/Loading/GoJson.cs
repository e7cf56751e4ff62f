using System.Globalization;
using System.Text;

namespace RealTimeMesh.Components;

/// <summary>Texts as Go's standard library writes them, where daprd shows or passes them on.</summary>
public static class GoJson
{
    /// <summary>A JSON string with <c>&lt; &gt; &amp;</c> and the two line separators escaped.</summary>
    public static string Quote(string text)
    {
        var json = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '<' or '>' or '&' or < ' ' or '\u2028' or '\u2029' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"').ToString();
    }

    /// <summary>A number as encoding/json writes it: plain digits from 1e-6 to below 1e21, else with an exponent.</summary>
    public static string Number(double value)
    {
        var (digits, point) = Digits(value);
        var plain = value == 0 || (Math.Abs(value) >= 1e-6 && Math.Abs(value) < 1e21);
        return Sign(value) + (plain ? Plain(digits, point) : Exponent(digits, point, padded: false));
    }

    /// <summary>A number as <c>%v</c> prints it: plain digits from 1e-4 to below a million, else with an exponent.</summary>
    public static string General(double value)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "+Inf" : "-Inf";
        var (digits, point) = Digits(value);
        var exponent = point - 1;
        var plain = value == 0 || exponent is >= -4 and < 6;
        return Sign(value) + (plain ? Plain(digits, point) : Exponent(digits, point, padded: true));
    }

    private static string Sign(double value) => double.IsNegative(value) ? "-" : "";

    // The shortest digits that give the value back, and where the decimal point stands among them.
    private static (string Digits, int Point) Digits(double value)
    {
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = exponentAt < 0 ? 0 : int.Parse(shortest.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? shortest : shortest[..exponentAt];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        var digits = all.Trim('0');
        var point = (dot < 0 ? mantissa.Length : dot) - leading + exponent;
        return value == 0 ? ("0", 1) : (digits, point);
    }

    private static string Plain(string digits, int point) => point switch
    {
        <= 0 => "0." + new string('0', -point) + digits,
        _ when point >= digits.Length => digits + new string('0', point - digits.Length),
        _ => digits[..point] + "." + digits[point..],
    };

    private static string Exponent(string digits, int point, bool padded)
    {
        var exponent = point - 1;
        var size = Math.Abs(exponent).ToString(padded ? "00" : "0", CultureInfo.InvariantCulture);
        return digits[..1] + (digits.Length > 1 ? "." + digits[1..] : "") + "e" + (exponent < 0 ? "-" : "+") + size;
    }
}
