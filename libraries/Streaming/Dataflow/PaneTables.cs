namespace RealTimeMesh.Streaming;

/// <summary>The groups of each pane, and the log of their changes.</summary>
internal sealed class PaneTables(AggregateSet set)
{
    private const byte Groups = 1;
    private const byte Dropped = 2;

    // Groups of one record of a whole copy: what is written between two batches.
    private const int RecordGroups = 4096;

    private readonly SortedList<long, AggregateTable> _panes = [];
    private readonly List<long> _dropped = [];
    private AggregateTable _merged = new(set);

    public long Bytes
    {
        get
        {
            long bytes = 0;
            foreach (var table in _panes.Values)
                bytes += table.Bytes;
            return bytes;
        }
    }

    /// <summary>All panes with rows, in order.</summary>
    public IEnumerable<KeyValuePair<long, AggregateTable>> All => _panes;

    /// <summary>The first pane with rows, or null.</summary>
    public long? First => _panes.Count == 0 ? null : _panes.Keys[0];

    /// <summary>A pane's groups; made where there are none.</summary>
    public AggregateTable this[long pane]
    {
        get
        {
            if (_panes.TryGetValue(pane, out var table))
                return table;
            table = new AggregateTable(set);
            _panes.Add(pane, table);
            return table;
        }
    }

    /// <summary>The first pane with rows that is not before another, or null.</summary>
    public long? From(long pane)
    {
        var index = IndexFrom(pane);
        return index < _panes.Count ? _panes.Keys[index] : null;
    }

    /// <summary>The groups of a run of panes together; valid until the next call.</summary>
    public AggregateTable Merged(long first, long last)
    {
        var index = IndexFrom(first);
        if (index < _panes.Count && _panes.Keys[index] <= last && (index + 1 == _panes.Count || _panes.Keys[index + 1] > last))
            return _panes.Values[index];
        _merged = new AggregateTable(set);
        for (; index < _panes.Count && _panes.Keys[index] <= last; index++)
            _merged.Merge(_panes.Values[index]);
        return _merged;
    }

    /// <summary>As <see cref="Merged(long, long)"/>, of one key; <paramref name="group"/> is -1 where no pane has it.</summary>
    public AggregateTable Merged(long first, long last, ReadOnlySpan<byte> key, out int group)
    {
        group = -1;
        AggregateTable? only = null;
        for (var index = IndexFrom(first); index < _panes.Count && _panes.Keys[index] <= last; index++)
        {
            var table = _panes.Values[index];
            var found = table.Find(key);
            if (found < 0)
                continue;
            if (only is null)
            {
                (only, group) = (table, found);
                continue;
            }

            if (only != _merged)
            {
                _merged = new AggregateTable(set);
                var slot = _merged.Touch(key, KeyHash.Of(key));
                _merged.Merge(slot, only, group);
                (only, group) = (_merged, slot);
            }

            _merged.Merge(group, table, found);
        }

        return only ?? _merged;
    }

    /// <summary>Forgets panes from the first on, as long as they are over.</summary>
    public void Drop(Func<long, bool> isOver)
    {
        var count = 0;
        while (count < _panes.Count && isOver(_panes.Keys[count]))
            count++;
        for (var i = 0; i < count; i++)
        {
            _dropped.Add(_panes.Keys[0]);
            _panes.RemoveAt(0);
        }
    }

    public void WriteChanges(ChangeWriter changes)
    {
        foreach (var pane in _dropped)
        {
            var blob = changes.Begin();
            blob.Byte(Dropped);
            blob.Signed(pane);
            changes.End();
        }

        _dropped.Clear();
        foreach (var (pane, table) in _panes)
        {
            if (table.Dirty.Count == 0)
                continue;
            var blob = Begin(changes, pane, table.Dirty.Count);
            foreach (var slot in table.Dirty)
                Write(blob, table, slot);
            changes.End();
            table.Clean();
        }
    }

    /// <summary>Between two pieces rows may be added and panes dropped: what is then not in the copy is in the changes that follow it.</summary>
    public IEnumerable<bool> WriteAll(ChangeWriter changes)
    {
        foreach (var pane in _panes.Keys.ToArray())
        {
            for (var slot = 0; _panes.TryGetValue(pane, out var table) && slot < table.SlotEnd; slot += RecordGroups)
            {
                WritePiece(changes, pane, table, slot, Math.Min(table.SlotEnd, slot + RecordGroups));
                yield return true;
            }
        }
    }

    public void Apply(ref BlobReader change)
    {
        var kind = change.Byte();
        var pane = change.Signed();
        if (kind == Dropped)
        {
            _panes.Remove(pane);
            return;
        }

        if (kind != Groups)
            throw new StreamingException($"stored state: found a change of kind {kind}; expected 1 or 2; the state was written by something else or is damaged.");
        var table = this[pane];
        for (var count = change.Unsigned(); count > 0; count--)
        {
            var key = change.Take(change.Count());
            table.Load(ref change, table.Touch(key, KeyHash.Of(key)));
        }

        table.Clean();
    }

    private static BlobWriter Begin(ChangeWriter changes, long pane, int count)
    {
        var blob = changes.Begin();
        blob.Byte(Groups);
        blob.Signed(pane);
        blob.Unsigned((ulong)count);
        return blob;
    }

    private static void Write(BlobWriter blob, AggregateTable table, int slot)
    {
        var key = table.KeyOf(slot);
        blob.Unsigned((ulong)key.Length);
        blob.Bytes(key);
        table.Save(blob, slot);
    }

    private static void WritePiece(ChangeWriter changes, long pane, AggregateTable table, int from, int to)
    {
        var blob = Begin(changes, pane, to - from);
        for (var slot = from; slot < to; slot++)
            Write(blob, table, slot);
        changes.End();
    }

    private int IndexFrom(long pane)
    {
        var (low, high) = (0, _panes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_panes.Keys[middle] < pane)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
