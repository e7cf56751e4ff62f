namespace RealTimeMesh.Contracts;

/// <summary>
/// One compiled step of decoding: reads one field of the writer's schema and appends it to a column of the reader's, or
/// passes over it. Built once per pair of schemas.
/// </summary>
internal abstract class FieldReader
{
    public abstract bool TryRead(ref AvroCursor cursor, Column column);
}

internal sealed class BooleanReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadByte(out var value))
            return false;

        if (value > 1)
            return cursor.Fail($"boolean byte {value}");

        ((BooleanColumn)column).Append(value == 1);
        return true;
    }
}

/// <summary>Reads int into any integer column.</summary>
internal sealed class IntReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadInt(out var value))
            return false;

        ((Int64Column)column).Append(value);
        return true;
    }
}

internal sealed class DateReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadInt(out var value))
            return false;

        if (!Instants.IsDay(value))
            return cursor.Fail($"day {value} is beyond years 1 to 9999");

        ((Int64Column)column).Append(value);
        return true;
    }
}

internal sealed class LongReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadLong(out var value))
            return false;

        ((Int64Column)column).Append(value);
        return true;
    }
}

internal sealed class TimestampReader(EpochUnit unit) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadLong(out var value))
            return false;

        if (!Instants.TryFromEpoch(value, unit, out var micros))
            return cursor.Fail($"timestamp {value} is beyond years 1 to 9999");

        ((Int64Column)column).Append(micros);
        return true;
    }
}

internal sealed class FloatReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadFloat(out var value))
            return false;

        ((Float64Column)column).Append(value);
        return true;
    }
}

internal sealed class DoubleReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadDouble(out var value))
            return false;

        ((Float64Column)column).Append(value);
        return true;
    }
}

/// <summary>Promotes int or long to float or double, as the specification's resolution rules allow.</summary>
internal sealed class IntegerAsNumberReader(bool writerInt, bool readerFloat) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadLong(out var value))
            return false;

        if (writerInt && value != (int)value)
            return cursor.Fail("integer of more than 32 bits");

        ((Float64Column)column).Append(readerFloat ? (float)value : value);
        return true;
    }
}

internal sealed class StringReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadBytes(out var bytes))
            return false;

        return ((StringColumn)column).TryAppendUtf8(bytes) || cursor.Fail("text that is not UTF-8");
    }
}

internal sealed class BytesReader : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadBytes(out var bytes))
            return false;

        ((BytesColumn)column).Append(bytes.ToArray());
        return true;
    }
}

internal sealed class FixedReader(int size) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadFixed(size, out var bytes))
            return false;

        ((BytesColumn)column).Append(bytes.ToArray());
        return true;
    }
}

/// <param name="precision">Digits in all.</param>
/// <param name="scale">Digits after the point.</param>
/// <param name="size">Length of the fixed; 0 for bytes.</param>
internal sealed class DecimalReader(int precision, int scale, int size) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!(size > 0 ? cursor.TryReadFixed(size, out var bytes) : cursor.TryReadBytes(out bytes)))
            return false;

        if (!AvroDecimal.TryRead(bytes, precision, scale, out var value))
            return cursor.Fail($"bytes that are no decimal({precision},{scale})");

        ((DecimalColumn)column).Append(value);
        return true;
    }
}

/// <param name="symbols">Per writer symbol the reader's text, or null where the reader cannot hold it.</param>
internal sealed class EnumReader(string?[] symbols) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadInt(out var ordinal))
            return false;

        if ((uint)ordinal >= (uint)symbols.Length)
            return cursor.Fail($"enum position {ordinal}, of {symbols.Length}");

        if (symbols[ordinal] is not { } text)
            return cursor.Fail($"enum symbol {ordinal} of the writer, which the reader does not have");

        ((StringColumn)column).Append(text);
        return true;
    }
}

internal sealed class NullReader(bool nullable) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!nullable)
            return cursor.Fail("null, which the reader does not admit");

        column.AppendNull();
        return true;
    }
}

internal sealed class UnionReader(FieldReader[] branches) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column)
    {
        if (!cursor.TryReadLong(out var branch))
            return false;

        return (ulong)branch < (ulong)branches.Length
            ? branches[branch].TryRead(ref cursor, column)
            : cursor.Fail($"union branch {branch}, of {branches.Length}");
    }
}

/// <summary>A branch of the writer's union that the reader cannot hold: a fault only where an event uses it.</summary>
internal sealed class RefusingReader(string reason) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column) => cursor.Fail(reason);
}
