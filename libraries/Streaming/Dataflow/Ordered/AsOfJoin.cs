using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Each left row with the right row of its key that was the latest one at the left row's time: the quote before a trade,
/// or the version of a table's row that was valid. Of right rows of one time the one with the later place counts, and of
/// the left row's own time too. A right row that comes late counts from then on, unless a later one is known already.
/// </summary>
internal sealed class AsOfJoin : TimeOrdered
{
    private const byte Put = FirstOwn;
    private const byte Removed = FirstOwn + 1;
    private const int PieceRows = 1024;

    private readonly KeyTable _keys = new();
    private readonly RowStore _current;
    private readonly long _tolerance;
    private readonly bool _keepsLeft;
    private readonly BoundExpression? _ends;
    private readonly int _leftFields;
    private readonly Queue<(int Slot, long Until)> _expiry = new();
    private readonly HashSet<int> _dirty = [];
    private readonly List<byte[]> _removed = [];
    private int[] _rowOf = [];

    /// <param name="left">Left rows and key fields.</param>
    /// <param name="right">Right rows and key fields, in the same order.</param>
    /// <param name="output">The left columns, then the right ones.</param>
    /// <param name="keepsLeft">Left rows without a right one are given too.</param>
    /// <param name="tolerance">How much older the right row may be, microseconds; null: however old.</param>
    /// <param name="ends">True of a right row that says that its key has none from then on; null: there are no such.</param>
    /// <param name="isShared">Both sides are selections of one topic.</param>
    public AsOfJoin(OrderedInput left, OrderedInput right, RowSchema output, bool keepsLeft, long? tolerance, BoundExpression? ends = null, bool isShared = false)
        : base(output, [left, right], isShared)
    {
        _current = new RowStore(right.Schema);
        (_tolerance, _keepsLeft, _ends, _leftFields) = (tolerance ?? -1, keepsLeft, ends, left.Schema.Fields.Count);
    }

    /// <summary>Of one time, the right row is there first.</summary>
    protected override int FirstPort => 1;

    protected override long OwnBytes => _keys.Bytes + _current.Bytes + (4L * _rowOf.Length) + (16L * _expiry.Count);

    protected override void Take(int port, DataBatch rows, int row, ReadOnlySpan<byte> key, uint hash)
    {
        var hasKey = HasKey(port, rows, row);
        if (port == 1)
        {
            if (hasKey)
                PutRow(rows, row, key, hash);
            return;
        }

        var slot = hasKey ? _keys.Find(key, hash) : -1;
        if (slot >= 0 && _tolerance >= 0 && _current.TimeOf(_rowOf[slot]) < rows.Times[row] - _tolerance)
            slot = -1;
        if (slot >= 0 || _keepsLeft)
            Give(rows, row, slot);
    }

    protected override bool TakesLate(int port) => port == 1;

    protected override bool TakeLate(int port, DataBatch batch, int row, ReadOnlySpan<byte> key, uint hash) =>
        HasKey(port, batch, row) && !IsOver(batch.Times[row], Watermark) && PutRow(batch, row, key, hash);

    protected override void PassTo(long watermark)
    {
        while (_expiry.TryPeek(out var next) && next.Until < watermark)
        {
            _expiry.Dequeue();
            // The key may have another row by now, or none.
            if (_keys.SlotEnd > next.Slot && _keys.IsUsed(next.Slot) && IsOver(_current.TimeOf(_rowOf[next.Slot]), watermark))
                Remove(next.Slot);
        }
    }

    protected override void Restored()
    {
        _dirty.Clear();
        _removed.Clear();
        _expiry.Clear();
        if (_tolerance < 0)
            return;
        foreach (var slot in Enumerable.Range(0, _keys.SlotEnd).Where(_keys.IsUsed).OrderBy(slot => _current.TimeOf(_rowOf[slot])))
            _expiry.Enqueue((slot, _current.TimeOf(_rowOf[slot]) + _tolerance));
    }

    protected override void WriteOwnChanges(ChangeWriter changes)
    {
        foreach (var key in _removed)
        {
            var blob = changes.Begin();
            blob.Byte(Removed);
            blob.Unsigned((ulong)key.Length);
            blob.Bytes(key);
            changes.End();
        }

        _removed.Clear();
        foreach (var slot in _dirty)
        {
            if (_keys.IsUsed(slot))
                Write(changes, slot);
        }

        _dirty.Clear();
    }

    protected override IEnumerable<bool> WriteOwnAll(ChangeWriter changes)
    {
        for (var slot = 0; slot < _keys.SlotEnd; slot++)
        {
            if (_keys.IsUsed(slot))
                Write(changes, slot);
            if (slot % PieceRows == PieceRows - 1)
                yield return true;
        }
    }

    protected override void ApplyOwn(byte kind, ref BlobReader change)
    {
        if (kind is not (Put or Removed))
            throw Unknown(kind);
        var key = change.Take(change.Count());
        if (kind == Removed)
        {
            if (_keys.Find(key, KeyHash.Of(key)) is >= 0 and var gone)
                Remove(gone);
            return;
        }

        Set(key, KeyHash.Of(key), _current.Load(ref change));
    }

    private bool IsOver(long time, long watermark) => _tolerance >= 0 && time + _tolerance < watermark;

    /// <summary>False where the key has a later row.</summary>
    private bool PutRow(DataBatch rows, int row, ReadOnlySpan<byte> key, uint hash)
    {
        var slot = _keys.Find(key, hash);
        if (slot >= 0 && _current.TimeOf(_rowOf[slot]) is var known && (known > rows.Times[row] || (known == rows.Times[row] && _current.PlaceOf(_rowOf[slot]) > rows.Places[row])))
            return false;
        slot = Set(key, hash, _current.Add(rows, row));
        _dirty.Add(slot);
        if (_tolerance >= 0)
            _expiry.Enqueue((slot, rows.Times[row] + _tolerance));
        return true;
    }

    private int Set(ReadOnlySpan<byte> key, uint hash, int row)
    {
        var slot = _keys.FindOrAdd(key, hash, out var added);
        if (slot >= _rowOf.Length)
            Array.Resize(ref _rowOf, Math.Max(64, slot * 2));
        if (!added)
            _current.Remove(_rowOf[slot]);
        _rowOf[slot] = row;
        return slot;
    }

    private void Remove(int slot)
    {
        _removed.Add(_keys.KeyOf(slot).ToArray());
        _current.Remove(_rowOf[slot]);
        _keys.Remove(slot);
        _dirty.Remove(slot);
    }

    private void Give(DataBatch left, int row, int slot)
    {
        var right = slot < 0 ? -1 : _current.RowOf(_rowOf[slot]);
        // A row that ends a key's stays known, so that an older one that comes late does not take its place.
        if (right >= 0 && _ends is not null && _ends.IsTrue(_current.Rows, right))
        {
            if (!_keepsLeft)
                return;
            right = -1;
        }

        var columns = Results.Rows.Columns;
        for (var i = 0; i < _leftFields; i++)
            columns[i].AppendFrom(left.Rows.Columns[i], row);
        for (var i = _leftFields; i < columns.Count; i++)
        {
            if (right < 0)
                columns[i].AppendNull();
            else
                columns[i].AppendFrom(_current.Rows.Columns[i - _leftFields], right);
        }

        Complete(left.Times[row]);
    }

    private void Write(ChangeWriter changes, int slot)
    {
        var blob = changes.Begin();
        blob.Byte(Put);
        var key = _keys.KeyOf(slot);
        blob.Unsigned((ulong)key.Length);
        blob.Bytes(key);
        _current.Save(blob, _rowOf[slot]);
        changes.End();
    }
}
