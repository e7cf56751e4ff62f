using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace RealTimeMesh.Contracts.Values;

internal sealed class BooleanReader : ValueReader<bool>
{
    public override bool TryRead(ref AvroCursor cursor, out bool value)
    {
        value = false;
        if (!cursor.TryReadByte(out var found))
            return false;

        value = found == 1;
        return found <= 1 || cursor.Fail($"boolean byte {found}");
    }
}

internal sealed class IntReader : ValueReader<int>
{
    public override bool TryRead(ref AvroCursor cursor, out int value) => cursor.TryReadInt(out value);
}

internal sealed class LongReader : ValueReader<long>
{
    public override bool TryRead(ref AvroCursor cursor, out long value) => cursor.TryReadLong(out value);
}

internal sealed class FloatReader : ValueReader<float>
{
    public override bool TryRead(ref AvroCursor cursor, out float value) => cursor.TryReadFloat(out value);
}

internal sealed class DoubleReader : ValueReader<double>
{
    public override bool TryRead(ref AvroCursor cursor, out double value) => cursor.TryReadDouble(out value);
}

internal sealed class StringReader : ValueReader<string>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out string value)
    {
        value = null;
        if (!cursor.TryReadBytes(out var bytes))
            return false;

        if (!Utf8.IsValid(bytes))
            return cursor.Fail("text that is not UTF-8");

        value = Encoding.UTF8.GetString(bytes);
        return true;
    }
}

internal sealed class BytesReader : ValueReader<byte[]>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out byte[] value)
    {
        var read = cursor.TryReadBytes(out var bytes);
        value = read ? bytes.ToArray() : null;
        return read;
    }
}

internal sealed class FixedReader(int size) : ValueReader<byte[]>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out byte[] value)
    {
        var read = cursor.TryReadFixed(size, out var bytes);
        value = read ? bytes.ToArray() : null;
        return read;
    }
}

/// <summary>The value null, or what stands for it.</summary>
internal sealed class NullReader<T> : ValueReader<T>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T value)
    {
        value = default!;
        return true;
    }
}

/// <summary>What the reader cannot hold: a fault only where a payload has it.</summary>
internal sealed class RefusingReader<T>(string reason) : ValueReader<T>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return cursor.Fail(reason);
    }
}

/// <summary>A symbol of an enum, as what stands for it.</summary>
/// <param name="values">Per symbol of the writer.</param>
/// <param name="known">Whether the reader has the symbol, or a default for it.</param>
/// <param name="writer">For messages.</param>
internal sealed class SymbolReader<T>(T[] values, bool[] known, AvroEnum writer) : ValueReader<T>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (!cursor.TryReadInt(out var ordinal))
            return false;

        if ((uint)ordinal >= (uint)values.Length)
            return cursor.Fail($"enum position {ordinal}, of {values.Length}");

        if (!known[ordinal])
            return cursor.Fail($"enum symbol '{writer.Symbols[ordinal]}' of the writer, which the reader does not have");

        value = values[ordinal];
        return true;
    }
}

internal sealed class UnionReader<T>(ValueReader<T>[] branches) : ValueReader<T>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (!cursor.TryReadLong(out var branch))
            return false;

        return (ulong)branch < (ulong)branches.Length
            ? branches[branch].TryRead(ref cursor, out value)
            : cursor.Fail($"union branch {branch}, of {branches.Length}");
    }
}
