namespace RealTimeMesh.Contracts;

/// <summary>Decimals as Avro writes them: an unscaled integer, two's complement, big-endian.</summary>
internal static class AvroDecimal
{
    /// <summary>Most bytes that <see cref="Write"/> needs.</summary>
    public const int MaxBytes = 16;

    public static bool TryRead(ReadOnlySpan<byte> bytes, int precision, int scale, out decimal value)
    {
        value = 0;
        if (bytes.IsEmpty)
            return false;

        var sign = (bytes[0] & 0x80) != 0 ? (byte)0xFF : (byte)0;
        while (bytes.Length > MaxBytes)
        {
            if (bytes[0] != sign)
                return false;

            bytes = bytes[1..];
        }

        // A leading byte dropped above may have carried the sign.
        var unscaled = sign == 0xFF ? Int128.NegativeOne : Int128.Zero;
        foreach (var b in bytes)
            unscaled = (unscaled << 8) | b;

        return (sign == 0xFF) == (unscaled < 0) && unscaled != Int128.MinValue && Decimals.TryScale(unscaled, precision, scale, out value);
    }

    /// <summary>Writes the shortest form; returns its length.</summary>
    public static int Write(Int128 unscaled, Span<byte> destination)
    {
        Span<byte> all = stackalloc byte[MaxBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteInt128BigEndian(all, unscaled);
        var start = 0;
        while (start < MaxBytes - 1 && ((all[start] == 0 && (all[start + 1] & 0x80) == 0) || (all[start] == 0xFF && (all[start + 1] & 0x80) != 0)))
            start++;

        all[start..].CopyTo(destination);
        return MaxBytes - start;
    }

    /// <summary>Writes into all of a fixed. False where it is too short.</summary>
    public static bool TryWriteFixed(Int128 unscaled, Span<byte> destination)
    {
        Span<byte> shortest = stackalloc byte[MaxBytes];
        var length = Write(unscaled, shortest);
        if (length > destination.Length)
            return false;

        destination.Fill(unscaled < 0 ? (byte)0xFF : (byte)0);
        shortest[..length].CopyTo(destination[^length..]);
        return true;
    }
}
