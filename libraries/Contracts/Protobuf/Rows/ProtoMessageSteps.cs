using System.Numerics;

namespace RealTimeMesh.Contracts;

/// <summary>A message with one value in field 1: the wrappers of scalars, and decimals as text.</summary>
/// <param name="value">Reads the value.</param>
/// <param name="absent">Bytes of the value that stands for a message without field 1.</param>
internal sealed class ProtoWrapperStep(ProtoStep value, byte[] absent) : ProtoStep(ProtoCursor.Length)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        if (!cursor.TryReadBytes(out var bytes))
            return false;

        var message = new ProtoCursor(bytes);
        var start = column.Count;
        while (!message.AtEnd)
        {
            if (!message.TryReadTag(out var number, out var wire))
                return cursor.Fail(message.Error!);

            if (number != 1 || wire != value.Wire)
            {
                if (message.TrySkip(number, wire))
                    continue;

                column.Truncate(start);
                return cursor.Fail(message.Error!);
            }

            // The last of several counts.
            column.Truncate(start);
            if (value.TryRead(ref message, column, out fault))
                continue;

            return message.Error is { } error && cursor.Fail(error);
        }

        if (column.Count > start)
            return true;

        var none = new ProtoCursor(absent);
        return value.TryRead(ref none, column, out fault);
    }
}

/// <summary>The integers of a small message, by field number from 1, and the bytes of one field.</summary>
internal ref struct ProtoParts
{
    public long First;
    public long Second;
    public long Third;
    public ReadOnlySpan<byte> Bytes;

    public static bool TryRead(ref ProtoCursor cursor, out ProtoParts parts)
    {
        parts = default;
        if (!cursor.TryReadBytes(out var bytes))
            return false;

        var message = new ProtoCursor(bytes);
        while (!message.AtEnd)
        {
            if (!message.TryReadTag(out var number, out var wire))
                return cursor.Fail(message.Error!);

            var sound = (number, wire) switch
            {
                (1, ProtoCursor.Length) => message.TryReadBytes(out parts.Bytes),
                (1, ProtoCursor.Varint) => TryReadInteger(ref message, ref parts.First),
                (2, ProtoCursor.Varint) => TryReadInteger(ref message, ref parts.Second),
                (3, ProtoCursor.Varint) => TryReadInteger(ref message, ref parts.Third),
                _ => message.TrySkip(number, wire),
            };
            if (!sound)
                return cursor.Fail(message.Error!);
        }

        return true;
    }

    private static bool TryReadInteger(ref ProtoCursor message, ref long value)
    {
        var read = message.TryReadVarint(out var bits);
        value = (long)bits;
        return read;
    }
}

/// <summary><c>google.protobuf.Timestamp</c>. Nothing finer than a microsecond is cut off: it is refused.</summary>
internal sealed class ProtoTimestampStep() : ProtoStep(ProtoCursor.Length)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        if (!ProtoParts.TryRead(ref cursor, out var parts))
            return false;

        var (seconds, nanos) = (parts.First, parts.Second);
        var sound = seconds is >= Instants.MinMicros / 1_000_000 and <= Instants.MaxMicros / 1_000_000 && nanos is >= 0 and < 1_000_000_000;
        if (sound && nanos % 1000 == 0)
            return RowConverter.TryAppendInstant(column, (seconds * 1_000_000) + (nanos / 1000), out fault);

        fault = RowFaults.Type(column.Field, $"timestamp of {seconds} seconds and {nanos} nanoseconds");
        return false;
    }
}

/// <summary><c>google.type.Date</c>.</summary>
internal sealed class ProtoDateStep() : ProtoStep(ProtoCursor.Length)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        if (!ProtoParts.TryRead(ref cursor, out var parts))
            return false;

        var (year, month, day) = (parts.First, parts.Second, parts.Third);
        if (year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth((int)year, (int)month))
            return RowConverter.TryAppend(column, new DateOnly((int)year, (int)month, (int)day).DayNumber + Instants.MinDays, out fault);

        fault = RowFaults.Type(column.Field, $"date of year {year}, month {month}, day {day}");
        return false;
    }
}

/// <summary><c>confluent.type.Decimal</c>: an integer as big-endian two's complement, and its scale.</summary>
internal sealed class ProtoDecimalStep() : ProtoStep(ProtoCursor.Length)
{
    /// <summary>More bytes than any number that a decimal holds.</summary>
    private const int MaxBytes = 16;

    private static readonly Int128 MaxUnscaled = (Int128)1_000_000_000_000_000_000 * 10_000_000_000;

    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        if (!ProtoParts.TryRead(ref cursor, out var parts))
            return false;

        var scale = (int)parts.Third;
        if (parts.Bytes.Length <= MaxBytes && scale is >= 0 and <= Decimals.MaxPrecision)
        {
            var unscaled = (Int128)new BigInteger(parts.Bytes, isUnsigned: false, isBigEndian: true);
            if (Int128.Abs(unscaled) < MaxUnscaled && Decimals.TryScale(unscaled, Decimals.MaxPrecision, scale, out var value))
                return RowConverter.TryAppend(column, value, out fault);
        }

        fault = RowFaults.Type(column.Field, $"decimal of {parts.Bytes.Length} bytes and scale {scale}");
        return false;
    }
}
