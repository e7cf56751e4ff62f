using System.Diagnostics.CodeAnalysis;

namespace RealTimeMesh.Contracts.Values;

/// <summary>Turns a value into one of another type; false where the type has no such value.</summary>
internal delegate bool Conversion<in TFrom, TTo>(TFrom from, [MaybeNullWhen(false)] out TTo to);

/// <summary>Reads one type and gives another.</summary>
internal sealed class ConvertingReader<TFrom, TTo>(ValueReader<TFrom> inner, Conversion<TFrom, TTo> convert, string expected) : ValueReader<TTo>
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out TTo value)
    {
        if (!inner.TryRead(ref cursor, out var from))
        {
            value = default;
            return false;
        }

        return convert(from, out value) || cursor.Fail($"{(from is byte[] bytes ? $"bytes {Convert.ToHexString(bytes)}" : from)}, which is no {expected}");
    }
}

/// <summary>Reads a value type where it may be missing.</summary>
internal sealed class NullableReader<T>(ValueReader<T> inner) : ValueReader<T?>
    where T : struct
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T? value)
    {
        var read = inner.TryRead(ref cursor, out var found);
        value = found;
        return read;
    }
}

/// <summary>Reads into the generic form.</summary>
internal sealed class BoxingReader<T>(ValueReader<T> inner) : ValueReader<object?>
{
    public override bool TryRead(ref AvroCursor cursor, out object? value)
    {
        var read = inner.TryRead(ref cursor, out var found);
        value = read ? found : null;
        return read;
    }
}

/// <summary>Gives a value as one of its base types or interfaces.</summary>
internal sealed class UpcastReader<T, TBase>(ValueReader<T> inner) : ValueReader<TBase>
    where T : class, TBase
{
    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out TBase value)
    {
        var read = inner.TryRead(ref cursor, out var found);
        value = found;
        return read;
    }
}

/// <summary>Gives values of the generic form that must be of one type, or null.</summary>
internal sealed class CastingReader<T>(ValueReader<object?> inner) : ValueReader<T?>
    where T : class
{
    public override bool TryRead(ref AvroCursor cursor, out T? value)
    {
        value = null;
        if (!inner.TryRead(ref cursor, out var found))
            return false;

        value = found as T;
        return found is null or T || cursor.Fail($"a value of {found.GetType()}, which is no {typeof(T).Name}");
    }
}
