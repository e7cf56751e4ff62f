using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RealTimeMesh.Contracts.Values;

internal sealed class ListReader<T>(ValueReader<T> items) : ValueReader<List<T>>
{
    // What a block claims is believed only so far before its items are there.
    private const int MostTrusted = 1024;

    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out List<T> value)
    {
        value = [];
        if (!cursor.TryEnter())
            return false;

        while (cursor.TryReadBlock(out var count, out _))
        {
            if (count == 0)
            {
                cursor.Leave();
                return true;
            }

            value.EnsureCapacity(value.Count + (int)Math.Min(count, MostTrusted));
            for (; count > 0; count--)
            {
                if (!items.TryRead(ref cursor, out var item))
                    return cursor.FailedAt($"[{value.Count.ToString(CultureInfo.InvariantCulture)}]");

                value.Add(item);
            }
        }

        return false;
    }
}

internal sealed class ArrayReader<T>(ValueReader<T> items) : ValueReader<T[]>
{
    private readonly ListReader<T> _list = new(items);

    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T[] value)
    {
        var read = _list.TryRead(ref cursor, out var list);
        value = read ? list!.ToArray() : null;
        return read;
    }
}

/// <summary>Reads maps; of a key that stands twice the last value counts.</summary>
internal sealed class MapReader<T>(ValueReader<T> values) : ValueReader<Dictionary<string, T>>
{
    private readonly StringReader _keys = new();

    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out Dictionary<string, T> value)
    {
        value = new Dictionary<string, T>(StringComparer.Ordinal);
        if (!cursor.TryEnter())
            return false;

        while (cursor.TryReadBlock(out var count, out _))
        {
            if (count == 0)
            {
                cursor.Leave();
                return true;
            }

            for (; count > 0; count--)
            {
                if (!_keys.TryRead(ref cursor, out var key))
                    return cursor.FailedAt("[key]");

                if (!values.TryRead(ref cursor, out var item))
                    return cursor.FailedAt($"[{RowFaults.Quote(key)}]");

                value[key] = item;
            }
        }

        return false;
    }
}
