using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Rows of one input that wait until event time has passed them, and leave in the order of their times. Rows of one time
/// leave in the order of their places, or, where places may be others after a restart, of what is in them.
/// </summary>
internal sealed class WaitingRows
{
    private const int PieceRows = 2048;

    private readonly PriorityQueue<int, At> _order;
    private DataBatch _rows;
    private DataBatch _spare;
    private long[] _numbers = [];
    private bool[] _isGone = [];
    private int[] _picked = [];
    private int _gone;
    private int _logged;
    private long _next;

    /// <param name="schema">The rows.</param>
    /// <param name="hasPlaces">The places of rows are those of events in their partition: the same after a restart.</param>
    public WaitingRows(RowSchema schema, bool hasPlaces)
    {
        (_rows, _spare) = (new DataBatch(schema), new DataBatch(schema));
        _order = new PriorityQueue<int, At>(hasPlaces ? new ByPlace() : new ByContent(this));
    }

    public int Count => _order.Count;

    public long Bytes => _rows.Count * (48L + (16 * _rows.Rows.Columns.Count));

    public void Add(DataBatch batch, ReadOnlySpan<int> rows)
    {
        for (var i = 0; i < rows.Length; i++)
            Note(_rows.Count + i, _next++);
        Append(_rows, batch, rows);
        for (var row = _rows.Count - rows.Length; row < _rows.Count; row++)
            _order.Enqueue(row, new At(_rows.Times[row], _rows.Places[row], row));
    }

    /// <summary>Moves the rows of earlier times to another batch, in order.</summary>
    public void Take(long until, DataBatch due)
    {
        due.Clear();
        var count = Pick(until);
        if (count == 0)
            return;
        Append(due, _rows, _picked.AsSpan(0, count));
        Forget(count);
    }

    /// <summary>Forgets the rows of earlier times.</summary>
    public void Drop(long until) => Forget(Pick(until));

    /// <summary>Writes the rows that came since the last call and wait still.</summary>
    public void WriteChanges(ChangeWriter changes, byte kind, int port)
    {
        Write(changes, kind, port, _logged, _rows.Count);
        _logged = _rows.Count;
    }

    public IEnumerable<bool> WriteAll(ChangeWriter changes, byte kind, int port)
    {
        for (long from = 0; ;)
        {
            // Between two pieces rows come, go and move.
            var first = IndexOf(from);
            var last = Math.Min(_logged, first + PieceRows);
            if (first >= last)
                yield break;
            from = _numbers[last - 1] + 1;
            Write(changes, kind, port, first, last);
            yield return true;
        }
    }

    /// <summary>Takes in rows that were written; those that a copy of the state had already are read over.</summary>
    public void Apply(ref BlobReader change)
    {
        _spare.Clear();
        for (var count = change.Unsigned(); count > 0; count--)
        {
            var number = change.Signed();
            var (time, place) = (change.Signed(), change.Signed());
            RowCodec.Read(ref change, _spare.Rows);
            _spare.Complete(time, DataBatch.NoTime, place);
            if (number < _next)
                continue;
            _next = number;
            Add(_spare, [_spare.Count - 1]);
        }

        _spare.Clear();
        _logged = _rows.Count;
    }

    private static void Append(DataBatch to, DataBatch from, ReadOnlySpan<int> rows)
    {
        for (var i = 0; i < to.Rows.Columns.Count; i++)
            to.Rows.Columns[i].AppendRows(from.Rows.Columns[i], rows);
        to.CompleteFrom(from, rows);
    }

    private int Pick(long until)
    {
        var count = 0;
        while (_order.TryPeek(out var row, out var at) && at.Time < until)
        {
            _order.Dequeue();
            if (count == _picked.Length)
                Array.Resize(ref _picked, Math.Max(64, count * 2));
            _picked[count++] = row;
            _isGone[row] = true;
        }

        return count;
    }

    private void Forget(int count)
    {
        _gone += count;
        if (_order.Count == 0)
        {
            _rows.Clear();
            (_gone, _logged) = (0, 0);
        }
        else if (_gone > 1024 && _gone > _order.Count)
        {
            Compact();
        }
    }

    private void Compact()
    {
        if (_picked.Length < _order.Count)
            _picked = new int[_order.Count * 2];
        var (count, logged) = (0, 0);
        for (var row = 0; row < _rows.Count; row++)
        {
            if (_isGone[row])
                continue;
            logged += row < _logged ? 1 : 0;
            _numbers[count] = _numbers[row];
            _picked[count++] = row;
        }

        _spare.Clear();
        Append(_spare, _rows, _picked.AsSpan(0, count));
        (_rows, _spare) = (_spare, _rows);
        _spare.Clear();
        _isGone.AsSpan(0, count).Clear();
        (_gone, _logged) = (0, logged);
        _order.Clear();
        for (var row = 0; row < count; row++)
            _order.Enqueue(row, new At(_rows.Times[row], _rows.Places[row], row));
    }

    private void Note(int row, long number)
    {
        if (row >= _numbers.Length)
        {
            Array.Resize(ref _numbers, Math.Max(64, row * 2));
            Array.Resize(ref _isGone, Math.Max(64, row * 2));
        }

        (_numbers[row], _isGone[row]) = (number, false);
    }

    private int IndexOf(long number)
    {
        var index = _numbers.AsSpan(0, _rows.Count).BinarySearch(number);
        return index < 0 ? ~index : index;
    }

    private void Write(ChangeWriter changes, byte kind, int port, int from, int to)
    {
        var count = 0;
        for (var row = from; row < to; row++)
            count += _isGone[row] ? 0 : 1;
        if (count == 0)
            return;
        var blob = changes.Begin();
        blob.Byte(kind);
        blob.Byte((byte)port);
        blob.Unsigned((ulong)count);
        for (var row = from; row < to; row++)
        {
            if (_isGone[row])
                continue;
            blob.Signed(_numbers[row]);
            blob.Signed(_rows.Times[row]);
            blob.Signed(_rows.Places[row]);
            RowCodec.Write(blob, _rows.Rows, row);
        }

        changes.End();
    }

    private readonly record struct At(long Time, long Place, int Row);

    private sealed class ByPlace : IComparer<At>
    {
        public int Compare(At x, At y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : x.Place.CompareTo(y.Place);
    }

    private sealed class ByContent(WaitingRows owner) : IComparer<At>
    {
        public int Compare(At x, At y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : RowOrder.Compare(owner._rows.Rows, x.Row, owner._rows.Rows, y.Row);
    }
}
