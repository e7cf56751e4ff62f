using System.Globalization;

namespace RealTimeMesh.Cel;

/// <summary>Doubles as text, as Go's <c>%g</c> writes them: the shortest digits, with an exponent below -4 and from 6 up.</summary>
internal static class GoFloat
{
    public static string Format(double value)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "+Inf" : "-Inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0" : "0";
        var (digits, exponent) = Digits(Math.Abs(value).ToString("R", CultureInfo.InvariantCulture));
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 6)
            return $"{sign}{Fraction(digits, 1)}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        return exponent < 0 ? $"{sign}0.{new string('0', -exponent - 1)}{digits}" : sign + Fraction(digits.PadRight(exponent + 1, '0'), exponent + 1);
    }

    private static string Fraction(string digits, int whole) => digits.Length > whole ? $"{digits[..whole]}.{digits[whole..]}" : digits;

    /// <summary>Significant digits of a number's text, and the power of ten of the first one.</summary>
    private static (string Digits, int Exponent) Digits(string text)
    {
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = e < 0 ? text : text[..e];
        var power = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return (digits.TrimEnd('0'), (point < 0 ? mantissa.Length : point) - 1 - (all.Length - digits.Length) + power);
    }
}
