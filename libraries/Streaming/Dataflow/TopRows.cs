using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>A column by which rows are ranked.</summary>
internal readonly record struct RankColumn(int Ordinal, bool Descending);

/// <summary>
/// The first rows of each group by an order, with their <c>rank</c> from 1. Rows of one rank are told apart by time and,
/// of one time, by what is in them: the result does not depend on the order in which rows came. Of windows the rows are
/// given when the window closes; of all rows since ever, each time a rank has another row: it replaces the one before.
/// </summary>
internal sealed class TopRows : Operator
{
    public const string Rank = "rank";

    private const byte Put = 1;
    private const byte Dropped = 2;
    private const int PieceGroups = 512;

    private readonly KeyBatch _keys;
    private readonly RowStore _rows;
    private readonly KeyTable _groups = new();
    private readonly SortedDictionary<long, List<int>> _open = [];
    private readonly HashSet<int> _dirty = [];
    private readonly Dictionary<int, int> _changed = [];
    private readonly List<byte[]> _dropped = [];
    private readonly DataBatch _output;
    private readonly RankColumn[] _order;
    private readonly int _count;
    private readonly bool _isWindowed;
    private int[] _ranked = [];
    private int[] _counts = [];
    private long _place;
    private long _watermark = DataBatch.NoTime;

    /// <param name="input">Rows; of windows they begin with the start and the end of theirs.</param>
    /// <param name="by">Fields of the group, besides the window.</param>
    /// <param name="order">Columns by which rows are ranked, the first one first; NULLs come last.</param>
    /// <param name="count">Rows of a group.</param>
    /// <param name="isWindowed">Rows are those of windows.</param>
    public TopRows(RowSchema input, IReadOnlyList<string> by, IReadOnlyList<RankColumn> order, int count, bool isWindowed)
        : base(SchemaOf(input, isWindowed))
    {
        (_order, _count, _isWindowed) = ([.. order], count, isWindowed);
        _keys = new KeyBatch(input, isWindowed ? [ResultRows.Start, ResultRows.End, .. by] : by);
        _rows = new RowStore(input);
        _output = new DataBatch(Output);
    }

    public override long StateBytes => _groups.Bytes + _rows.Bytes + (4L * (_ranked.Length + _counts.Length));

    public override HeldWindow? FirstOpen
    {
        get
        {
            if (_open.Count == 0)
                return null;
            var (end, groups) = _open.First();
            return new HeldWindow(((Int64Column)_rows.Rows.Columns[0])[_rows.RowOf(_ranked[groups[0] * _count])], end, _watermark);
        }
    }

    /// <summary>The input's columns after the window (of all rows: one that never ends) and the rank.</summary>
    public static RowSchema SchemaOf(RowSchema input, bool isWindowed) => new(
    [
        new Field(ResultRows.Start, FieldType.Timestamp, false),
        new Field(ResultRows.End, FieldType.Timestamp, false),
        new Field(Rank, FieldType.Int64, false),
        .. input.Fields.Skip(isWindowed ? 2 : 0).Select(field => field with { Default = null, HasDefault = false, Aliases = [] }),
    ]);

    public override void Process(int port, DataBatch batch)
    {
        _keys.Read(batch.Rows);
        for (var row = 0; row < batch.Count; row++)
        {
            var end = _isWindowed ? ((Int64Column)batch.Rows.Columns[1])[row] : EventTimes.Latest;
            if (_isWindowed && batch.Marks[row] != DataBatch.NoTime && end <= batch.Marks[row])
                DropLate(batch, row);
            else
                Offer(batch, row, end);
        }

        if (!_isWindowed)
            GiveChanged();
    }

    public override void Advance(int port, long watermark)
    {
        if (watermark <= _watermark)
            return;
        while (_open.Count > 0 && _open.First() is var (end, groups) && end <= watermark)
        {
            _output.Clear();
            // In the order of their keys: the same after a restart.
            groups.Sort((left, right) => _groups.KeyOf(left).SequenceCompareTo(_groups.KeyOf(right)));
            foreach (var group in groups)
            {
                for (var rank = 0; rank < _counts[group]; rank++)
                    Give(group, rank, end - 1);
                Drop(group);
            }

            _open.Remove(end);
            Emit(_output);
        }

        _watermark = watermark;
        Forward(watermark);
    }

    public override void Resume(long watermark) => _watermark = watermark;

    public override void WriteChanges(ChangeWriter changes)
    {
        foreach (var key in _dropped)
        {
            var blob = changes.Begin();
            blob.Byte(Dropped);
            blob.Unsigned((ulong)key.Length);
            blob.Bytes(key);
            changes.End();
        }

        _dropped.Clear();
        foreach (var group in _dirty)
            Write(changes, group);
        _dirty.Clear();
    }

    public override IEnumerable<bool> WriteAll(ChangeWriter changes)
    {
        for (var group = 0; group < _groups.SlotEnd; group++)
        {
            if (_groups.IsUsed(group))
                Write(changes, group);
            if (group % PieceGroups == PieceGroups - 1)
                yield return true;
        }
    }

    public override void Apply(ref BlobReader change)
    {
        var kind = change.Byte();
        if (kind is not (Put or Dropped))
            throw new StreamingException($"stored state: found a change of kind {kind}; expected 1 or 2; the state was written by something else or is damaged.");
        var key = change.Take(change.Count());
        if (_groups.Find(key, KeyHash.Of(key)) is >= 0 and var known)
        {
            // Its rows are told anew.
            Unlist(known);
            Drop(known);
        }

        if (kind == Put)
            Read(ref change, key);
        _dropped.Clear();
        _dirty.Clear();
    }

    private void Read(ref BlobReader change, ReadOnlySpan<byte> key)
    {
        var group = Group(key, KeyHash.Of(key), out _);
        _counts[group] = (int)change.Unsigned();
        for (var rank = 0; rank < _counts[group]; rank++)
            _ranked[(group * _count) + rank] = _rows.Load(ref change);

        if (_isWindowed && _counts[group] > 0)
            List(group, ((Int64Column)_rows.Rows.Columns[1])[_rows.RowOf(_ranked[group * _count])]);
    }

    private void Offer(DataBatch batch, int row, long end)
    {
        var group = Group(_keys[row], _keys.HashOf(row), out var added);
        if (added && _isWindowed)
            List(group, end);
        var ranked = _ranked.AsSpan(group * _count, _count);
        ref var count = ref _counts[group];
        if (count == _count && !IsBefore(batch, row, ranked[count - 1]))
            return;
        var at = count;
        while (at > 0 && IsBefore(batch, row, ranked[at - 1]))
            at--;
        var slot = _rows.Add(batch, row);
        if (count == _count)
            _rows.Remove(ranked[--count]);
        ranked[at..count].CopyTo(ranked[(at + 1)..]);
        ranked[at] = slot;
        count++;
        _dirty.Add(group);
        if (!_isWindowed)
            _changed[group] = Math.Min(at, _changed.GetValueOrDefault(group, at));
    }

    private bool IsBefore(DataBatch batch, int row, int slot)
    {
        var (rows, other) = (_rows.Rows, _rows.RowOf(slot));
        foreach (var (ordinal, descending) in _order)
        {
            var (left, right) = (batch.Rows.Columns[ordinal], rows.Columns[ordinal]);
            var order = RowOrder.Compare(left, row, right, other);
            if (order != 0)
                return descending && !left.IsNull(row) && !right.IsNull(other) ? order > 0 : order < 0;
        }

        var time = batch.Times[row].CompareTo(_rows.TimeOf(slot));
        return time != 0 ? time < 0 : RowOrder.Compare(batch.Rows, row, rows, other) < 0;
    }

    private int Group(ReadOnlySpan<byte> key, uint hash, out bool added)
    {
        var group = _groups.FindOrAdd(key, hash, out added);
        if (group >= _counts.Length)
        {
            Array.Resize(ref _counts, Math.Max(16, group * 2));
            Array.Resize(ref _ranked, _counts.Length * _count);
        }

        return group;
    }

    private void List(int group, long end)
    {
        if (!_open.TryGetValue(end, out var groups))
            _open.Add(end, groups = []);
        groups.Add(group);
    }

    private void Unlist(int group)
    {
        if (!_isWindowed || _counts[group] == 0)
            return;
        var end = ((Int64Column)_rows.Rows.Columns[1])[_rows.RowOf(_ranked[group * _count])];
        _open[end].Remove(group);
        if (_open[end].Count == 0)
            _open.Remove(end);
    }

    private void Drop(int group)
    {
        _dropped.Add(_groups.KeyOf(group).ToArray());
        for (var rank = 0; rank < _counts[group]; rank++)
            _rows.Remove(_ranked[(group * _count) + rank]);
        _counts[group] = 0;
        _groups.Remove(group);
        _dirty.Remove(group);
    }

    /// <summary>Of all rows since ever: the ranks that have another row than before. Those after it have moved.</summary>
    private void GiveChanged()
    {
        _output.Clear();
        foreach (var (group, first) in _changed)
        {
            for (var rank = first; rank < _counts[group]; rank++)
                Give(group, rank, _rows.TimeOf(_ranked[(group * _count) + rank]));
        }

        _changed.Clear();
        Emit(_output);
    }

    private void Give(int group, int rank, long time)
    {
        var row = _rows.RowOf(_ranked[(group * _count) + rank]);
        var columns = _output.Rows.Columns;
        var first = _isWindowed ? 2 : 0;
        ((Int64Column)columns[0]).Append(_isWindowed ? ((Int64Column)_rows.Rows.Columns[0])[row] : CountAggregate.GlobalStart);
        ((Int64Column)columns[1]).Append(_isWindowed ? ((Int64Column)_rows.Rows.Columns[1])[row] : EventTimes.Latest);
        ((Int64Column)columns[2]).Append(rank + 1);
        for (var i = first; i < _rows.Rows.Columns.Count; i++)
            columns[3 + i - first].AppendFrom(_rows.Rows.Columns[i], row);
        // Windows are given in the order of their ends: none earlier comes after.
        _output.Complete(time, _isWindowed ? time : _watermark, _place++);
    }

    private void Write(ChangeWriter changes, int group)
    {
        var blob = changes.Begin();
        blob.Byte(Put);
        var key = _groups.KeyOf(group);
        blob.Unsigned((ulong)key.Length);
        blob.Bytes(key);
        blob.Unsigned((ulong)_counts[group]);
        for (var rank = 0; rank < _counts[group]; rank++)
            _rows.Save(blob, _ranked[(group * _count) + rank]);
        changes.End();
    }
}
