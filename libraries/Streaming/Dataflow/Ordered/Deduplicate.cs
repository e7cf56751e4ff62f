namespace RealTimeMesh.Streaming;

/// <summary>
/// Lets the first row of a key through, and no other of that key for as long as the horizon from it goes; the first one
/// after that begins the next horizon. First is what happened first, not what came first. NULLs are equal to each other.
/// </summary>
internal sealed class Deduplicate(OrderedInput input, long horizon) : TimeOrdered(input.Schema, [input])
{
    private const byte Seen = FirstOwn;
    private const int PieceKeys = 4096;

    private readonly KeyTable _keys = new();
    private readonly Queue<(int Slot, long Until)> _expiry = new();
    private readonly List<int> _dirty = [];
    private long[] _first = [];
    private int[] _rows = [];

    protected override long OwnBytes => _keys.Bytes + (8L * _first.Length) + (16L * _expiry.Count);

    protected override void TakeAll(int port, DataBatch rows, KeyBatch keys)
    {
        if (_rows.Length < rows.Count)
            _rows = new int[rows.Count * 2];
        var count = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            Expire(rows.Times[row]);
            if (IsFirst(keys[row], keys.HashOf(row), rows.Times[row]))
                _rows[count++] = row;
        }

        // Columns first: the number of rows is that of the last column.
        for (var i = 0; i < rows.Rows.Columns.Count; i++)
            Results.Rows.Columns[i].AppendRows(rows.Rows.Columns[i], _rows.AsSpan(0, count));
        CompleteFrom(rows, _rows.AsSpan(0, count));
    }

    protected override void Take(int port, DataBatch rows, int row, ReadOnlySpan<byte> key, uint hash) =>
        throw new InvalidOperationException("rows are taken together");

    protected override void PassTo(long watermark) => Expire(watermark);

    protected override void Restored()
    {
        List<(int Slot, long Until)> all = [];
        for (var slot = 0; slot < _keys.SlotEnd; slot++)
        {
            if (_keys.IsUsed(slot))
                all.Add((slot, _first[slot] + horizon));
        }

        _expiry.Clear();
        foreach (var entry in all.OrderBy(entry => entry.Until))
            _expiry.Enqueue(entry);
        _dirty.Clear();
        if (Watermark != DataBatch.NoTime)
            Expire(Watermark);
    }

    protected override void WriteOwnChanges(ChangeWriter changes)
    {
        // A slot that expired since, or was given to another key, tells what it is now.
        _dirty.RemoveAll(slot => !_keys.IsUsed(slot));
        Write(changes, _dirty);
        _dirty.Clear();
    }

    protected override IEnumerable<bool> WriteOwnAll(ChangeWriter changes)
    {
        for (var from = 0; from < _keys.SlotEnd; from += PieceKeys)
        {
            Write(changes, [.. Enumerable.Range(from, Math.Min(PieceKeys, _keys.SlotEnd - from)).Where(_keys.IsUsed)]);
            yield return true;
        }
    }

    protected override void ApplyOwn(byte kind, ref BlobReader change)
    {
        if (kind != Seen)
            throw Unknown(kind);
        for (var count = change.Unsigned(); count > 0; count--)
        {
            var key = change.Take(change.Count());
            var first = change.Signed();
            var slot = Slot(key, KeyHash.Of(key), out var added);
            _first[slot] = added ? first : Math.Max(_first[slot], first);
        }
    }

    private bool IsFirst(ReadOnlySpan<byte> key, uint hash, long time)
    {
        var slot = Slot(key, hash, out var added);
        if (!added)
            return false;
        _first[slot] = time;
        _expiry.Enqueue((slot, time + horizon));
        _dirty.Add(slot);
        return true;
    }

    private int Slot(ReadOnlySpan<byte> key, uint hash, out bool added)
    {
        var slot = _keys.FindOrAdd(key, hash, out added);
        if (slot >= _first.Length)
            Array.Resize(ref _first, Math.Max(64, slot * 2));
        return slot;
    }

    private void Expire(long time)
    {
        while (_expiry.TryPeek(out var next) && next.Until <= time)
        {
            _expiry.Dequeue();
            _keys.Remove(next.Slot);
        }
    }

    private void Write(ChangeWriter changes, IReadOnlyCollection<int> slots)
    {
        if (slots.Count == 0)
            return;
        var blob = changes.Begin();
        blob.Byte(Seen);
        blob.Unsigned((ulong)slots.Count);
        foreach (var slot in slots)
        {
            var key = _keys.KeyOf(slot);
            blob.Unsigned((ulong)key.Length);
            blob.Bytes(key);
            blob.Signed(_first[slot]);
        }

        changes.End();
    }
}
