using System.Globalization;
using System.Numerics;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>A decimal of any precision: <c>Unscaled * 10^-Scale</c>. <see cref="decimal"/> ends at 28 digits, Delta's at 38.</summary>
public readonly record struct ExactDecimal(BigInteger Unscaled, int Scale) : IComparable<ExactDecimal>
{
    // Longer exponents come from no decimal of 38 digits and from no double.
    private const int MaxExponent = 400;

    /// <summary>Digits before and after the point, at least the scale.</summary>
    public int Precision => Math.Max(Math.Max(Scale, 1), BigInteger.Abs(Unscaled).ToString(CultureInfo.InvariantCulture).Length);

    public static ExactDecimal From(long value) => new(value, 0);

    public static ExactDecimal From(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var magnitude = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
        return new ExactDecimal(bits[3] < 0 ? -magnitude : magnitude, (bits[3] >> 16) & 0xFF);
    }

    /// <summary>Reads <c>-1.50</c> or <c>1.5E+7</c>; a positive exponent leaves no negative scale.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ExactDecimal value)
    {
        value = default;
        var exponent = 0;
        var mark = text.IndexOfAny('e', 'E');
        if (mark >= 0 && (!int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > MaxExponent))
            return false;
        var digits = mark >= 0 ? text[..mark] : text;
        var point = digits.IndexOf('.');
        var scale = point < 0 ? 0 : digits.Length - point - 1;
        var joined = point < 0 ? digits.ToString() : string.Concat(digits[..point], digits[(point + 1)..]);
        if (!BigInteger.TryParse(joined, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var unscaled))
            return false;
        scale -= exponent;
        value = scale < 0 ? new ExactDecimal(unscaled * BigInteger.Pow(10, -scale), 0) : new ExactDecimal(unscaled, scale);
        return true;
    }

    /// <summary>The exact value of a finite double.</summary>
    public static ExactDecimal From(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger mantissa = bits & 0xFFFFFFFFFFFFF;
        mantissa = exponent == 0 ? mantissa : mantissa | (1L << 52);
        exponent = Math.Max(exponent, 1) - 1075;
        mantissa = bits < 0 ? -mantissa : mantissa;
        // 2^-n = 5^n * 10^-n
        return exponent >= 0 ? new ExactDecimal(mantissa << exponent, 0) : new ExactDecimal(mantissa * BigInteger.Pow(5, -exponent), -exponent);
    }

    /// <summary>The same value with another scale, rounded half away from zero where digits are lost.</summary>
    public ExactDecimal WithScale(int scale)
    {
        if (scale >= Scale)
            return new ExactDecimal(Unscaled * BigInteger.Pow(10, scale - Scale), scale);
        var divisor = BigInteger.Pow(10, Scale - scale);
        var quotient = BigInteger.DivRem(Unscaled, divisor, out var rest);
        if (BigInteger.Abs(rest) * 2 >= divisor)
            quotient += Unscaled.Sign;
        return new ExactDecimal(quotient, scale);
    }

    /// <summary>As <see cref="decimal"/>, or null where it has more digits than that holds.</summary>
    public decimal? ToDecimal()
    {
        var (unscaled, scale) = (Unscaled, Scale);
        while (scale > 28 && unscaled % 10 == 0)
            (unscaled, scale) = (unscaled / 10, scale - 1);
        var magnitude = BigInteger.Abs(unscaled);
        if (scale > 28 || magnitude.GetBitLength() > 96)
            return null;
        return new decimal((int)(uint)(magnitude & uint.MaxValue), (int)(uint)((magnitude >> 32) & uint.MaxValue), (int)(uint)(magnitude >> 64), unscaled.Sign < 0, (byte)scale);
    }

    public double ToDouble() => double.Parse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    public BigInteger Floor() => Scale == 0 ? Unscaled : FloorDivide(Unscaled, BigInteger.Pow(10, Scale));

    public int CompareTo(ExactDecimal other) => Scale == other.Scale
        ? Unscaled.CompareTo(other.Unscaled)
        : (Unscaled * BigInteger.Pow(10, Math.Max(0, other.Scale - Scale))).CompareTo(other.Unscaled * BigInteger.Pow(10, Math.Max(0, Scale - other.Scale)));

    public static bool operator <(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) < 0;

    public static bool operator <=(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) <= 0;

    public static bool operator >(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) > 0;

    public static bool operator >=(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) >= 0;

    public override string ToString()
    {
        if (Scale == 0)
            return Unscaled.ToString(CultureInfo.InvariantCulture);
        var digits = BigInteger.Abs(Unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
        return $"{(Unscaled.Sign < 0 ? "-" : "")}{digits[..^Scale]}.{digits[^Scale..]}";
    }

    private static BigInteger FloorDivide(BigInteger value, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(value, divisor, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }
}
