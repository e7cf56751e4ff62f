using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Groups by key, each with its accumulators; knows which changed since they were last written. Not thread-safe.</summary>
internal sealed class AggregateTable(AggregateSet set)
{
    private readonly KeyTable _keys = new();
    private readonly List<int> _dirty = [];
    private long[] _cells = [];
    private object?[] _objects = [];
    private bool[] _isDirty = [];

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + (8L * _cells.Length) + (64L * _objects.Length) + _isDirty.Length;

    /// <summary>Groups that changed since <see cref="Clean"/>.</summary>
    public IReadOnlyList<int> Dirty => _dirty;

    /// <summary>One more than the highest slot; ask <see cref="IsUsed"/> of each.</summary>
    public int SlotEnd => _keys.SlotEnd;

    public bool IsUsed(int slot) => _keys.IsUsed(slot);

    public ReadOnlySpan<byte> KeyOf(int slot) => _keys.KeyOf(slot);

    /// <summary>Adds rows, each to its key's group.</summary>
    public void Add(DataBatch batch, KeyBatch keys, ReadOnlySpan<int> rows, Span<int> slots)
    {
        for (var i = 0; i < rows.Length; i++)
            slots[i] = Touch(keys[rows[i]], keys.HashOf(rows[i]));
        set.Add(_cells, _objects, slots[..rows.Length], batch, rows);
    }

    /// <summary>Adds one row to a group.</summary>
    public void Add(int slot, DataBatch batch, int row) => set.Add(_cells, _objects, slot, batch, row);

    /// <summary>Adds another table's groups to this one's.</summary>
    public void Merge(AggregateTable other)
    {
        for (var slot = 0; slot < other.SlotEnd; slot++)
        {
            if (!other.IsUsed(slot))
                continue;
            var key = other.KeyOf(slot);
            Merge(Touch(key, KeyHash.Of(key)), other, slot);
        }
    }

    public int Find(ReadOnlySpan<byte> key) => _keys.Find(key, KeyHash.Of(key));

    /// <summary>The group of a key, made where there is none; counts as changed.</summary>
    public int Touch(ReadOnlySpan<byte> key, uint hash)
    {
        var slot = _keys.FindOrAdd(key, hash, out var added);
        if (added && slot >= _isDirty.Length)
            Grow();
        if (!_isDirty[slot])
        {
            _isDirty[slot] = true;
            _dirty.Add(slot);
        }

        return slot;
    }

    /// <summary>Adds a group of this table to another of it.</summary>
    public void Merge(int slot, int other) => set.Merge(_cells, _objects, slot, _cells, _objects, other);

    public void Merge(int slot, AggregateTable other, int otherSlot) => set.Merge(_cells, _objects, slot, other._cells, other._objects, otherSlot);

    public void AppendResults(ReadOnlySpan<Column> columns, int slot) => set.AppendResults(columns, _cells, _objects, slot);

    public void Remove(int slot)
    {
        _keys.Remove(slot);
        Clear(slot);
    }

    /// <summary>Makes a group's accumulators empty.</summary>
    public void Clear(int slot)
    {
        _cells.AsSpan(slot * set.Stride, set.Stride).Clear();
        _objects.AsSpan(slot * set.Objects, set.Objects).Clear();
    }

    public void Save(BlobWriter blob, int slot) => set.Save(blob, _cells, _objects, slot);

    public void Load(ref BlobReader blob, int slot) => set.Load(ref blob, _cells, _objects, slot);

    /// <summary>All changes are written.</summary>
    public void Clean()
    {
        foreach (var slot in _dirty)
            _isDirty[slot] = false;
        _dirty.Clear();
    }

    private void Grow()
    {
        var capacity = Math.Max(16, _isDirty.Length * 2);
        Array.Resize(ref _isDirty, capacity);
        Array.Resize(ref _cells, capacity * set.Stride);
        Array.Resize(ref _objects, capacity * set.Objects);
    }
}
