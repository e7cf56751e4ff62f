using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Patterns of two: for each first row the first row after it, by a time at most, that follows it (equal keys, and a
/// condition); or, of <c>absent</c>, the first rows that nothing followed by that time. Rows of one time follow each other
/// in the order of their places where both are of one topic; otherwise a row of the same time follows.
/// </summary>
internal sealed class Following : TimeOrdered
{
    private const byte Put = FirstOwn;
    private const byte Removed = FirstOwn + 1;
    private const int PieceRows = 1024;

    private readonly KeyTable _keys = new();
    private readonly RowStore _pending;
    private readonly Queue<(int Slot, long Number, long Until)> _deadlines = new();
    private readonly List<long> _removed = [];
    private readonly Dictionary<long, int> _slots = [];
    private readonly DataBatch _pair;
    private readonly BoundExpression? _where;
    private readonly long _within;
    private readonly bool _isAbsent;
    private readonly int _firstFields;
    private int[] _head = [];
    private Link[] _links = [];
    private long _next;
    private long _logged;

    /// <param name="first">First rows and key fields.</param>
    /// <param name="second">Rows that may follow and key fields, in the same order.</param>
    /// <param name="pair">The first row's columns, then the second one's: what leaves, or, of absent ones, what the condition is over.</param>
    /// <param name="within">How much later the second row may be, microseconds.</param>
    /// <param name="isAbsent">Give the first rows that nothing followed.</param>
    /// <param name="where">A further condition on the two; null for none.</param>
    /// <param name="isShared">Both are selections of one topic.</param>
    public Following(OrderedInput first, OrderedInput second, RowSchema pair, long within, bool isAbsent, BoundExpression? where = null, bool isShared = false)
        : base(isAbsent ? first.Schema : pair, [first, second], isShared)
    {
        (_within, _isAbsent, _where, _firstFields) = (within, isAbsent, where, first.Schema.Fields.Count);
        _pending = new RowStore(first.Schema);
        _pair = isAbsent ? new DataBatch(pair) : Results;
    }

    /// <summary>A first row in the list of those of its key that wait.</summary>
    private record struct Link(long Number, int Key, int Previous, int Next);

    /// <summary>The first row that waits longest for nothing to follow it.</summary>
    public override HeldWindow? FirstOpen
    {
        get
        {
            foreach (var (slot, number, until) in _isAbsent ? _deadlines : [])
            {
                if (IsPending(slot, number))
                    return new HeldWindow(until - _within, until, Watermark);
            }

            return null;
        }
    }

    /// <summary>A row that is both a first and a second one is not followed by itself: of one place, the second one is taken before.</summary>
    protected override int FirstPort => IsOfOneTopic ? 1 : 0;

    protected override long OwnBytes => _keys.Bytes + _pending.Bytes + (4L * _head.Length) + (40L * _links.Length) + (16L * _deadlines.Count);

    protected override void Take(int port, DataBatch rows, int row, ReadOnlySpan<byte> key, uint hash)
    {
        Expire(rows.Times[row]);
        if (port == 0)
            Begin(rows, row, key, hash);
        else if (HasKey(port, rows, row) && _keys.Find(key, hash) is >= 0 and var slot)
            Follow(slot, rows, row);
    }

    protected override void PassTo(long watermark) => Expire(watermark);

    protected override void Restored()
    {
        _deadlines.Clear();
        foreach (var (number, slot) in _slots.OrderBy(entry => _pending.TimeOf(entry.Value)).ThenBy(entry => entry.Key))
            _deadlines.Enqueue((slot, number, _pending.TimeOf(slot) + _within));
        _logged = _next;
        _removed.Clear();
    }

    protected override void WriteOwnChanges(ChangeWriter changes)
    {
        if (_removed.Count > 0)
        {
            var blob = changes.Begin();
            blob.Byte(Removed);
            blob.Unsigned((ulong)_removed.Count);
            foreach (var number in _removed)
                blob.Signed(number);
            changes.End();
            _removed.Clear();
        }

        Write(changes, _logged, _next);
        _logged = _next;
    }

    protected override IEnumerable<bool> WriteOwnAll(ChangeWriter changes)
    {
        for (var from = _deadlines.TryPeek(out var oldest) ? oldest.Number : _logged; from < _logged; from += PieceRows)
        {
            Write(changes, from, Math.Min(_logged, from + PieceRows));
            yield return true;
        }
    }

    protected override void ApplyOwn(byte kind, ref BlobReader change)
    {
        switch (kind)
        {
            case Put:
                ReadRow(ref change);
                break;
            case Removed:
                for (var count = change.Unsigned(); count > 0; count--)
                {
                    if (_slots.TryGetValue(change.Signed(), out var slot))
                        Forget(slot);
                }

                break;
            default:
                throw Unknown(kind);
        }
    }

    private void Begin(DataBatch rows, int row, ReadOnlySpan<byte> key, uint hash)
    {
        var hasKey = HasKey(0, rows, row);
        if (!hasKey && !_isAbsent)
            return;
        var slot = Add(_pending.Add(rows, row), _next++, key, hash, hasKey);
        _deadlines.Enqueue((slot, _links[slot].Number, rows.Times[row] + _within));
    }

    private int Add(int slot, long number, ReadOnlySpan<byte> key, uint hash, bool hasKey)
    {
        if (slot >= _links.Length)
            Array.Resize(ref _links, Math.Max(64, slot * 2));
        _slots.Add(number, slot);
        if (!hasKey)
        {
            _links[slot] = new Link(number, -1, -1, -1);
            return slot;
        }

        var keySlot = _keys.FindOrAdd(key, hash, out var added);
        if (keySlot >= _head.Length)
            Array.Resize(ref _head, Math.Max(64, keySlot * 2));
        var next = added ? -1 : _head[keySlot];
        if (next >= 0)
            _links[next].Previous = slot;
        _links[slot] = new Link(number, keySlot, -1, next);
        _head[keySlot] = slot;
        return slot;
    }

    private void Follow(int key, DataBatch rows, int row)
    {
        for (var slot = _head[key]; slot >= 0;)
        {
            var next = _links[slot].Next;
            if (Pairs(slot, rows, row))
                End(slot);
            slot = next;
        }
    }

    /// <summary>Gives the pair, unless the condition is not true of it.</summary>
    private bool Pairs(int slot, DataBatch rows, int row)
    {
        if (_isAbsent && _where is null)
            return true;
        var columns = _pair.Rows.Columns;
        for (var i = 0; i < columns.Count; i++)
        {
            if (i < _firstFields)
                columns[i].AppendFrom(_pending.Rows.Columns[i], _pending.RowOf(slot));
            else
                columns[i].AppendFrom(rows.Rows.Columns[i - _firstFields], row);
        }

        var follows = _where is null || _where.IsTrue(_pair.Rows, _pair.Rows.Count - 1);
        if (_isAbsent || !follows)
            _pair.Rows.Truncate(_pair.Rows.Count - 1);
        else
            Complete(rows.Times[row]);
        return follows;
    }

    private void Expire(long time)
    {
        while (_deadlines.TryPeek(out var oldest) && oldest.Until < time)
        {
            _deadlines.Dequeue();
            if (!IsPending(oldest.Slot, oldest.Number))
                continue;
            if (_isAbsent)
            {
                for (var i = 0; i < _firstFields; i++)
                    Results.Rows.Columns[i].AppendFrom(_pending.Rows.Columns[i], _pending.RowOf(oldest.Slot));
                Complete(oldest.Until);
            }

            End(oldest.Slot);
        }
    }

    private bool IsPending(int slot, long number) => _pending.IsUsed(slot) && _links[slot].Number == number;

    private void End(int slot)
    {
        if (_links[slot].Number < _logged)
            _removed.Add(_links[slot].Number);
        Forget(slot);
    }

    private void Forget(int slot)
    {
        var link = _links[slot];
        if (link.Next >= 0)
            _links[link.Next].Previous = link.Previous;
        if (link.Previous >= 0)
            _links[link.Previous].Next = link.Next;
        else if (link.Key >= 0 && link.Next >= 0)
            _head[link.Key] = link.Next;
        else if (link.Key >= 0)
            _keys.Remove(link.Key);
        _slots.Remove(link.Number);
        _pending.Remove(slot);
    }

    private void ReadRow(ref BlobReader change)
    {
        var number = change.Signed();
        _next = Math.Max(_next, number + 1);
        // A copy of the state may have the row already.
        if (_slots.ContainsKey(number))
            return;
        var hasKey = change.Byte() != 0;
        var key = change.Take(change.Count());
        Add(_pending.Load(ref change), number, key, KeyHash.Of(key), hasKey);
    }

    private void Write(ChangeWriter changes, long from, long to)
    {
        for (var number = from; number < to; number++)
        {
            if (!_slots.TryGetValue(number, out var slot))
                continue;
            var blob = changes.Begin();
            blob.Byte(Put);
            blob.Signed(number);
            var key = _links[slot].Key < 0 ? [] : _keys.KeyOf(_links[slot].Key);
            blob.Byte(_links[slot].Key < 0 ? (byte)0 : (byte)1);
            blob.Unsigned((ulong)key.Length);
            blob.Bytes(key);
            _pending.Save(blob, slot);
            changes.End();
        }
    }
}
