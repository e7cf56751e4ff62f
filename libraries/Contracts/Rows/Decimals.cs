using System.Globalization;

namespace RealTimeMesh.Contracts;

/// <summary>Exact decimals of a precision and scale.</summary>
internal static class Decimals
{
    /// <summary>Most digits that <see cref="decimal"/> holds whatever they are.</summary>
    public const int MaxPrecision = 28;

    private static readonly Int128[] Powers = MakePowers();

    /// <summary>The value as an integer of units of 10^-scale. False where digits would be lost or the precision is exceeded.</summary>
    public static bool TryUnscale(decimal value, int precision, int scale, out Int128 unscaled)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        unscaled = ((Int128)(uint)bits[2] << 64) | ((Int128)(uint)bits[1] << 32) | (uint)bits[0];
        var own = (bits[3] >> 16) & 0xFF;
        for (; own > scale; own--)
        {
            var (quotient, remainder) = Int128.DivRem(unscaled, 10);
            if (remainder != 0)
                return false;

            unscaled = quotient;
        }

        // Each side is compared before it is multiplied, so that the product stays far from 128 bits.
        if (unscaled >= Powers[precision - (scale - own)])
            return false;

        unscaled *= Powers[scale - own];
        if (bits[3] < 0)
            unscaled = -unscaled;

        return true;
    }

    /// <summary>The decimal of an unscaled integer. False where it has more digits than the precision.</summary>
    public static bool TryScale(Int128 unscaled, int precision, int scale, out decimal value)
    {
        value = 0;
        var magnitude = Int128.Abs(unscaled);
        if (magnitude >= Powers[precision])
            return false;

        value = new decimal((int)(uint)(magnitude & uint.MaxValue), (int)(uint)((magnitude >> 32) & uint.MaxValue), (int)(uint)(magnitude >> 64), unscaled < 0, (byte)scale);
        return true;
    }

    /// <summary>The same number written with exactly <paramref name="scale"/> digits after the point.</summary>
    public static decimal Rescale(decimal value, int scale) =>
        TryUnscale(value, MaxPrecision, scale, out var unscaled) && TryScale(unscaled, MaxPrecision, scale, out var rescaled) ? rescaled : value;

    /// <summary>Reads a decimal exactly; false where the text is no number or has more digits than a decimal holds.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out decimal value)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value))
            return false;

        // decimal.TryParse rounds what does not fit; within these limits there is nothing to round.
        var (significant, fraction) = CountDigits(text);
        return significant <= MaxPrecision && fraction <= MaxPrecision;
    }

    /// <summary>Significant digits, and digits after the point once the exponent is applied.</summary>
    private static (int Significant, long Fraction) CountDigits(ReadOnlySpan<byte> text)
    {
        var significant = 0;
        var fraction = 0L;
        var afterPoint = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is (byte)'e' or (byte)'E')
                return (significant, fraction - (int.TryParse(text[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) ? exponent : 0));

            if (c == '.')
                afterPoint = true;

            if (c is < (byte)'0' or > (byte)'9')
                continue;

            if (significant > 0 || c != '0')
                significant++;

            if (afterPoint)
                fraction++;
        }

        return (significant, fraction);
    }

    private static Int128[] MakePowers()
    {
        var powers = new Int128[MaxPrecision + 11];
        powers[0] = Int128.One;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;

        return powers;
    }
}
