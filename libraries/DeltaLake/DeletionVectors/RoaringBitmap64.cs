using System.Collections;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// A set of row numbers (0 to 2^63 - 1) as a Roaring bitmap: what a deletion vector holds. Enumerates in ascending order.
/// Not thread-safe while it is changed; safe for readers afterwards.
/// </summary>
public sealed class RoaringBitmap64 : IEnumerable<long>
{
    /// <summary>Upper 48 bits of the numbers in each container, ascending.</summary>
    private readonly List<long> _keys = [];
    private readonly List<RoaringContainer> _containers = [];

    public RoaringBitmap64()
    {
    }

    public RoaringBitmap64(IEnumerable<long> rows)
    {
        foreach (var row in rows)
            Add(row);
    }

    /// <summary>How many numbers it holds.</summary>
    public long Cardinality => _containers.Sum(container => (long)container.Cardinality);

    public bool IsEmpty => _containers.Count == 0;

    internal IReadOnlyList<long> Keys => _keys;

    internal IReadOnlyList<RoaringContainer> Containers => _containers;

    public bool Contains(long row) => row >= 0 && _keys.BinarySearch(row >> 16) is >= 0 and var at && _containers[at].Contains((ushort)row);

    /// <summary>Adds a row; false where it was there. Fastest in ascending order.</summary>
    public bool Add(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        return At(row >> 16).Add((ushort)row);
    }

    /// <summary>Adds the rows from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public void AddRange(long first, long last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        for (var key = first >> 16; first <= last && key <= last >> 16; key++)
            At(key).AddRange(key == first >> 16 ? (ushort)first : (ushort)0, key == last >> 16 ? (ushort)last : ushort.MaxValue);
    }

    /// <summary>Adds all rows of another set.</summary>
    public void UnionWith(RoaringBitmap64 other)
    {
        for (var i = 0; i < other._keys.Count; i++)
        {
            var at = _keys.BinarySearch(other._keys[i]);
            if (at >= 0)
                _containers[at].UnionWith(other._containers[i]);
            else
                Insert(~at, other._keys[i], other._containers[i].Clone());
        }
    }

    /// <summary>Takes away all rows of another set.</summary>
    public void ExceptWith(RoaringBitmap64 other)
    {
        for (var i = 0; i < other._keys.Count; i++)
        {
            var at = _keys.BinarySearch(other._keys[i]);
            if (at < 0)
                continue;
            _containers[at].ExceptWith(other._containers[i]);
            if (_containers[at].Cardinality > 0)
                continue;
            _keys.RemoveAt(at);
            _containers.RemoveAt(at);
        }
    }

    /// <summary>A set of its own with the same rows.</summary>
    public RoaringBitmap64 Clone()
    {
        var copy = new RoaringBitmap64();
        copy.UnionWith(this);
        return copy;
    }

    /// <summary>Stretches of consecutive rows, both ends included, ascending; a stretch may go on in the next one every 65,536 rows.</summary>
    public IEnumerable<(long First, long Last)> Ranges()
    {
        for (var i = 0; i < _keys.Count; i++)
        {
            var high = _keys[i] << 16;
            foreach (var (first, last) in _containers[i].Runs())
                yield return (high | first, high | last);
        }
    }

    public IEnumerator<long> GetEnumerator()
    {
        foreach (var (first, last) in Ranges())
        {
            for (var row = first; row <= last; row++)
                yield return row;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Appends a container above all others.</summary>
    internal void Append(long key, RoaringContainer container) => Insert(_keys.Count, key, container);

    private RoaringContainer At(long key)
    {
        var at = _keys.Count > 0 && _keys[^1] == key ? _keys.Count - 1 : _keys.BinarySearch(key);
        if (at >= 0)
            return _containers[at];
        var container = RoaringContainer.Empty();
        Insert(~at, key, container);
        return container;
    }

    private void Insert(int at, long key, RoaringContainer container)
    {
        _keys.Insert(at, key);
        _containers.Insert(at, container);
    }
}
