using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace RealTimeMesh.Contracts.Values;

/// <summary>Logical types of Avro 1.12 as types of .NET, both ways. Values that .NET cannot hold are refused, not changed.</summary>
internal static class LogicalTypes
{
    private const long TicksPerMicro = TimeSpan.TicksPerMicrosecond;

    public static bool ToDate(int days, out DateOnly date)
    {
        date = Instants.IsDay(days) ? DateOnly.FromDayNumber(days + (int)-Instants.MinDays) : default;
        return Instants.IsDay(days);
    }

    public static bool FromDate(DateOnly date, out int days)
    {
        days = date.DayNumber + (int)Instants.MinDays;
        return true;
    }

    public static bool ToTime(long value, long ticks, out TimeOnly time)
    {
        var fits = value >= 0 && value < TimeSpan.TicksPerDay / ticks;
        time = fits ? new TimeOnly(value * ticks) : default;
        return fits;
    }

    public static bool FromTime(TimeOnly time, long ticks, out long value)
    {
        value = time.Ticks / ticks;
        return time.Ticks % ticks == 0;
    }

    /// <summary>Ticks since year 1. The type ends at 100 ns: nanoseconds below are cut off.</summary>
    public static bool ToTicks(long value, string logicalType, out long ticks)
    {
        ticks = 0;
        Int128 wide = logicalType switch
        {
            "timestamp-millis" or "local-timestamp-millis" => (Int128)value * TimeSpan.TicksPerMillisecond,
            "timestamp-nanos" or "local-timestamp-nanos" => Math.DivRem(value, 100) is var (quotient, rest) && rest < 0 ? quotient - 1 : quotient,
            _ => (Int128)value * TicksPerMicro,
        };
        wide += DateTime.UnixEpoch.Ticks;
        if (wide < 0 || wide > DateTime.MaxValue.Ticks)
            return false;

        ticks = (long)wide;
        return true;
    }

    /// <summary>The value of the logical type; false where it is too coarse or too narrow for the ticks.</summary>
    public static bool FromTicks(long ticks, string logicalType, out long value)
    {
        ticks -= DateTime.UnixEpoch.Ticks;
        var unit = logicalType is "timestamp-millis" or "local-timestamp-millis" ? TimeSpan.TicksPerMillisecond : TicksPerMicro;
        if (logicalType is "timestamp-nanos" or "local-timestamp-nanos")
        {
            value = unchecked(ticks * 100);
            return ticks is >= long.MinValue / 100 and <= long.MaxValue / 100;
        }

        value = ticks / unit;
        return ticks % unit == 0;
    }

    public static bool ToDecimal(byte[] bytes, int precision, int scale, out decimal value)
    {
        value = 0;
        if (bytes.Length == 0)
            return false;

        var unscaled = new BigInteger(bytes, isUnsigned: false, isBigEndian: true);
        if (BigInteger.Abs(unscaled) >= BigInteger.Pow(10, precision))
            return false;

        // A decimal has at most 28 digits after its point; zeros beyond them mean nothing.
        for (; scale > 28; scale--)
        {
            var (quotient, rest) = BigInteger.DivRem(unscaled, 10);
            if (!rest.IsZero)
                return false;

            unscaled = quotient;
        }

        var magnitude = BigInteger.Abs(unscaled);
        if (magnitude.GetBitLength() > 96)
            return false;

        value = new decimal((int)(uint)(magnitude & uint.MaxValue), (int)(uint)((magnitude >> 32) & uint.MaxValue), (int)(uint)(magnitude >> 64), unscaled.Sign < 0, (byte)scale);
        return true;
    }

    /// <param name="value">The number.</param>
    /// <param name="precision">Most digits in all.</param>
    /// <param name="scale">Digits after the point.</param>
    /// <param name="size">Bytes of the fixed; 0 for the shortest form.</param>
    /// <param name="bytes">The unscaled number, big-endian.</param>
    public static bool FromDecimal(decimal value, int precision, int scale, int size, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var unscaled = ((BigInteger)(uint)parts[2] << 64) | ((BigInteger)(uint)parts[1] << 32) | (uint)parts[0];
        var own = (parts[3] >> 16) & 0xFF;
        if (own > scale)
        {
            (unscaled, var rest) = BigInteger.DivRem(unscaled, BigInteger.Pow(10, own - scale));
            if (!rest.IsZero)
                return false;
        }
        else
            unscaled *= BigInteger.Pow(10, scale - own);

        if (unscaled >= BigInteger.Pow(10, precision))
            return false;

        var shortest = (parts[3] < 0 ? -unscaled : unscaled).ToByteArray(isUnsigned: false, isBigEndian: true);
        if (size == 0)
        {
            bytes = shortest;
            return true;
        }

        if (shortest.Length > size)
            return false;

        bytes = new byte[size];
        bytes.AsSpan().Fill(parts[3] < 0 && !unscaled.IsZero ? (byte)0xFF : (byte)0);
        shortest.CopyTo(bytes, size - shortest.Length);
        return true;
    }

    public static bool ToDuration(byte[] bytes, out AvroDuration duration)
    {
        duration = new AvroDuration(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        return true;
    }

    public static bool FromDuration(AvroDuration duration, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, duration.Months);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), duration.Days);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), duration.Milliseconds);
        return true;
    }
}
