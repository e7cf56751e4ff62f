namespace RealTimeMesh.Contracts.Values;

internal sealed class BooleanWriter : ValueWriter<bool>
{
    public override bool TryWrite(ref AvroOutput output, bool value)
    {
        output.WriteByte(value ? (byte)1 : (byte)0);
        return true;
    }
}

internal sealed class IntWriter : ValueWriter<int>
{
    public override bool TryWrite(ref AvroOutput output, int value)
    {
        output.WriteLong(value);
        return true;
    }
}

internal sealed class LongWriter : ValueWriter<long>
{
    public override bool TryWrite(ref AvroOutput output, long value)
    {
        output.WriteLong(value);
        return true;
    }
}

internal sealed class FloatWriter : ValueWriter<float>
{
    public override bool TryWrite(ref AvroOutput output, float value)
    {
        output.WriteFloat(value);
        return true;
    }
}

internal sealed class DoubleWriter : ValueWriter<double>
{
    public override bool TryWrite(ref AvroOutput output, double value)
    {
        output.WriteDouble(value);
        return true;
    }
}

internal sealed class StringWriter : ValueWriter<string>
{
    public override bool TryWrite(ref AvroOutput output, string value) =>
        value is null ? output.Fail("null", "a text") : output.TryWriteText(value);
}

internal sealed class BytesWriter : ValueWriter<byte[]>
{
    public override bool TryWrite(ref AvroOutput output, byte[] value)
    {
        if (value is null)
            return output.Fail("null", "bytes");

        output.WriteBytes(value);
        return true;
    }
}

internal sealed class FixedWriter(AvroFixed schema) : ValueWriter<byte[]>
{
    public override bool TryWrite(ref AvroOutput output, byte[] value)
    {
        if (value?.Length != schema.Size)
            return output.Fail(value is null ? "null" : $"{value.Length} bytes", $"{schema.Size} bytes of {schema}");

        output.WriteFixed(value);
        return true;
    }
}

internal sealed class NullWriter<T> : ValueWriter<T>
{
    public override bool TryWrite(ref AvroOutput output, T value) => value is null || output.Fail("a value", "null");
}

/// <summary>Writes one type as another.</summary>
internal sealed class ConvertingWriter<TFrom, TTo>(ValueWriter<TTo> inner, Conversion<TFrom, TTo> convert, string expected) : ValueWriter<TFrom>
{
    public override bool TryWrite(ref AvroOutput output, TFrom value) => convert(value, out var converted)
        ? inner.TryWrite(ref output, converted)
        : output.Fail(value is null ? "null" : FormattableString.Invariant($"{value}"), expected);
}

/// <summary>Writes a symbol by what stands for it.</summary>
internal sealed class SymbolWriter<T>(IReadOnlyDictionary<T, int> ordinals, AvroEnum schema) : ValueWriter<T>
    where T : notnull
{
    public override bool TryWrite(ref AvroOutput output, T value)
    {
        if (value is null || !ordinals.TryGetValue(value, out var ordinal))
            return output.Fail(value is null ? "null" : $"'{value}'", $"one of {RowFaults.Cut(string.Join(", ", schema.Symbols))}");

        output.WriteLong(ordinal);
        return true;
    }
}

/// <summary>Writes a value that may be missing, in a union with null.</summary>
internal sealed class NullableUnionWriter<T>(ValueWriter<T> inner, int nullBranch, int valueBranch) : ValueWriter<T?>
    where T : struct
{
    public override bool TryWrite(ref AvroOutput output, T? value)
    {
        if (value is not { } present)
        {
            if (nullBranch < 0)
                return output.Fail("null", "a value");

            output.WriteLong(nullBranch);
            return true;
        }

        output.WriteLong(valueBranch);
        return inner.TryWrite(ref output, present);
    }
}

/// <summary>Writes a value, or null where there is none, as a branch of a union.</summary>
internal sealed class UnionWriter<T>(ValueWriter<T> inner, int nullBranch, int valueBranch) : ValueWriter<T>
{
    public override bool TryWrite(ref AvroOutput output, T value)
    {
        if (value is null)
        {
            if (nullBranch < 0)
                return output.Fail("null", "a value");

            output.WriteLong(nullBranch);
            return true;
        }

        output.WriteLong(valueBranch);
        return inner.TryWrite(ref output, value);
    }
}

/// <summary>Writes a value that may be missing where the schema wants one.</summary>
internal sealed class PresentWriter<T>(ValueWriter<T> inner) : ValueWriter<T?>
    where T : struct
{
    public override bool TryWrite(ref AvroOutput output, T? value) => value is { } present ? inner.TryWrite(ref output, present) : output.Fail("null", "a value");
}
