using System.Globalization;
using System.Text;
using System.Text.Unicode;
using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Contracts.Columnar;

/// <summary>One compiled step of columnar reading: a value of the writer's schema goes into its array.</summary>
internal abstract class ArrowStep
{
    public abstract bool TryRead(ref AvroCursor cursor);
}

internal sealed class FixedStep<T>(ValueReader<T> reader, FixedSink<T> sink) : ArrowStep
    where T : unmanaged
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!reader.TryRead(ref cursor, out var value))
            return false;

        sink.Append(value);
        return true;
    }
}

internal sealed class BooleanStep(BooleanSink sink) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!cursor.TryReadByte(out var value))
            return false;

        if (value > 1)
            return cursor.Fail($"boolean byte {value}");

        sink.Append(value == 1);
        return true;
    }
}

/// <summary>Bytes go from the payload into the array without being made into objects.</summary>
internal sealed class BinaryStep(BinarySink sink, bool isText, int size) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!(size > 0 ? cursor.TryReadFixed(size, out var bytes) : cursor.TryReadBytes(out bytes)))
            return false;

        if (isText && !Utf8.IsValid(bytes))
            return cursor.Fail("text that is not UTF-8");

        sink.Append(bytes);
        return true;
    }
}

internal sealed class DecimalStep(DecimalSink sink, int size, int precision, int scale) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!(size > 0 ? cursor.TryReadFixed(size, out var bytes) : cursor.TryReadBytes(out bytes)))
            return false;

        return (Fits(bytes) && sink.TryAppend(bytes)) || cursor.Fail($"bytes {Convert.ToHexString(bytes)}, which are no decimal({precision},{scale})");
    }

    private bool Fits(ReadOnlySpan<byte> bytes) =>
        // Seven bytes hold at most 17 digits: only what is longer needs the division.
        (bytes.Length is > 0 and <= 7 && precision >= 17)
        || (!bytes.IsEmpty && System.Numerics.BigInteger.Abs(new System.Numerics.BigInteger(bytes, isBigEndian: true)) < System.Numerics.BigInteger.Pow(10, precision));
}

/// <param name="symbols">Per symbol of the writer its text, or null where the reader does not have it.</param>
/// <param name="sink">Takes the text.</param>
internal sealed class SymbolStep(byte[]?[] symbols, BinarySink sink) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!cursor.TryReadInt(out var ordinal))
            return false;

        if ((uint)ordinal >= (uint)symbols.Length)
            return cursor.Fail($"enum position {ordinal}, of {symbols.Length}");

        if (symbols[ordinal] is not { } text)
            return cursor.Fail($"enum symbol {ordinal} of the writer, which the reader does not have");

        sink.Append(text);
        return true;
    }
}

internal sealed class NullStep(ArrowSink sink) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        sink.AppendNull();
        return true;
    }
}

internal sealed class RefusingStep(string reason) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor) => cursor.Fail(reason);
}

internal sealed class UnionStep(ArrowStep[] branches) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!cursor.TryReadLong(out var branch))
            return false;

        return (ulong)branch < (ulong)branches.Length ? branches[branch].TryRead(ref cursor) : cursor.Fail($"union branch {branch}, of {branches.Length}");
    }
}

/// <summary>A branch of a union with several: one member of a struct.</summary>
internal sealed class MemberStep(ArrowStep member, StructSink sink) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!member.TryRead(ref cursor))
            return false;

        sink.CloseSparse();
        return true;
    }
}

internal sealed class ListStep(ArrowStep items, ListSink sink) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!cursor.TryEnter())
            return false;

        var index = 0L;
        while (cursor.TryReadBlock(out var count, out _))
        {
            if (count == 0)
            {
                cursor.Leave();
                sink.Close();
                return true;
            }

            for (; count > 0; count--, index++)
            {
                if (!items.TryRead(ref cursor))
                    return cursor.FailedAt($"[{index.ToString(CultureInfo.InvariantCulture)}]");
            }
        }

        return false;
    }
}

internal sealed class MapStep(ArrowStep values, BinarySink keys, StructSink entries, ListSink sink) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!cursor.TryEnter())
            return false;

        while (cursor.TryReadBlock(out var count, out _))
        {
            if (count == 0)
            {
                cursor.Leave();
                sink.Close();
                return true;
            }

            for (; count > 0; count--)
            {
                if (!cursor.TryReadBytes(out var key) || !(Utf8.IsValid(key) || cursor.Fail("text that is not UTF-8")))
                    return cursor.FailedAt("[key]");

                keys.Append(key);
                if (!values.TryRead(ref cursor))
                    return cursor.FailedAt($"[{RowFaults.Quote(Encoding.UTF8.GetString(key))}]");

                entries.Close();
            }
        }

        return false;
    }
}

/// <param name="fields">Fields of the writer in order, then defaults.</param>
/// <param name="sink">Takes the row.</param>
internal sealed class RecordStep((string Name, ArrowStep Step)[] fields, StructSink sink) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        if (!cursor.TryEnter())
            return false;

        foreach (var (name, step) in fields)
        {
            if (!step.TryRead(ref cursor))
                return cursor.FailedAt(name);
        }

        cursor.Leave();
        sink.Close();
        return true;
    }
}

internal sealed class SkippingStep(AvroSchema schema) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor) => AvroSkipper.TrySkip(ref cursor, schema);
}

/// <summary>A field that the writer does not have: its default as Avro binary.</summary>
internal sealed class DefaultStep(ArrowStep step, byte[] value) : ArrowStep
{
    public override bool TryRead(ref AvroCursor cursor)
    {
        var own = new AvroCursor(value);
        return step.TryRead(ref own) || cursor.Fail($"default: {own.Error}");
    }
}
