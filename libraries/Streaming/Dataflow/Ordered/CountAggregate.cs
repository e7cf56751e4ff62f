using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Aggregates by key each time a number of rows has come, in the order of their times: of these rows (windows of a
/// count), or of all rows since ever (the global window). A result is one of <c>window_start</c>, <c>window_end</c>, the
/// key's fields, the aggregates and <c>nth</c>, the number of results that the key has had.
/// </summary>
internal sealed class CountAggregate : TimeOrdered
{
    public const string Nth = "nth";

    /// <summary>The global window begins and ends here.</summary>
    public const long GlobalStart = 0;

    private const byte Groups = FirstOwn;
    private const int PieceGroups = 2048;

    private readonly AggregateTable _groups;
    private readonly int _rows;
    private readonly bool _isGlobal;
    private readonly Column[] _keyColumns;
    private readonly Column[] _values;
    private (long Count, long Start, long Nth)[] _windows = [];

    /// <param name="input">Rows and the fields to group by.</param>
    /// <param name="rows">Rows of a key after which its result is given.</param>
    /// <param name="isGlobal">Results are those of all rows since ever.</param>
    /// <param name="aggregates">Named aggregates.</param>
    public CountAggregate(OrderedInput input, int rows, bool isGlobal, IReadOnlyList<(string Name, Aggregator Aggregator)> aggregates)
        : base(SchemaOf(input.Schema, input.By, aggregates), [input])
    {
        (_rows, _isGlobal) = (rows, isGlobal);
        _groups = new AggregateTable(new AggregateSet([.. aggregates.Select(aggregate => aggregate.Aggregator)]));
        _keyColumns = [.. Results.Rows.Columns.Skip(2).Take(input.By.Count)];
        _values = [.. Results.Rows.Columns.Skip(2 + input.By.Count).Take(aggregates.Count)];
    }

    protected override long OwnBytes => _groups.Bytes + (24L * _windows.Length);

    public static RowSchema SchemaOf(RowSchema input, IReadOnlyList<string> by, IReadOnlyList<(string Name, Aggregator Aggregator)> aggregates) =>
        new([.. ResultRows.SchemaOf(input, by, aggregates).Fields, new Field(Nth, FieldType.Int64, false)]);

    protected override void Take(int port, DataBatch rows, int row, ReadOnlySpan<byte> key, uint hash)
    {
        var group = Group(key, hash);
        _groups.Add(group, rows, row);
        ref var window = ref _windows[group];
        if (window.Count++ == 0)
            window.Start = rows.Times[row];
        if (window.Count < _rows)
            return;
        window.Nth++;
        Give(group, key, window, rows.Times[row]);
        window.Count = 0;
        if (!_isGlobal)
            _groups.Clear(group);
    }

    protected override void PassTo(long watermark)
    {
    }

    protected override void Restored() => _groups.Clean();

    protected override void WriteOwnChanges(ChangeWriter changes)
    {
        Write(changes, _groups.Dirty);
        _groups.Clean();
    }

    protected override IEnumerable<bool> WriteOwnAll(ChangeWriter changes)
    {
        for (var from = 0; from < _groups.SlotEnd; from += PieceGroups)
        {
            Write(changes, [.. Enumerable.Range(from, Math.Min(PieceGroups, _groups.SlotEnd - from))]);
            yield return true;
        }
    }

    protected override void ApplyOwn(byte kind, ref BlobReader change)
    {
        if (kind != Groups)
            throw Unknown(kind);
        for (var count = change.Unsigned(); count > 0; count--)
        {
            var key = change.Take(change.Count());
            var group = Group(key, KeyHash.Of(key));
            _windows[group] = ((long)change.Unsigned(), change.Signed(), (long)change.Unsigned());
            _groups.Load(ref change, group);
        }

        _groups.Clean();
    }

    private int Group(ReadOnlySpan<byte> key, uint hash)
    {
        var group = _groups.Touch(key, hash);
        if (group >= _windows.Length)
            Array.Resize(ref _windows, Math.Max(16, group * 2));
        return group;
    }

    private void Give(int group, ReadOnlySpan<byte> key, (long Count, long Start, long Nth) window, long time)
    {
        var columns = Results.Rows.Columns;
        ((Int64Column)columns[0]).Append(_isGlobal ? GlobalStart : window.Start);
        ((Int64Column)columns[1]).Append(_isGlobal ? EventTimes.Latest : time + 1);
        KeyReader.Append(key, _keyColumns);
        _groups.AppendResults(_values, group);
        ((Int64Column)columns[^1]).Append(window.Nth);
        Complete(time);
    }

    private void Write(ChangeWriter changes, IReadOnlyList<int> groups)
    {
        if (groups.Count == 0)
            return;
        var blob = changes.Begin();
        blob.Byte(Groups);
        blob.Unsigned((ulong)groups.Count);
        foreach (var group in groups)
        {
            var key = _groups.KeyOf(group);
            blob.Unsigned((ulong)key.Length);
            blob.Bytes(key);
            blob.Unsigned((ulong)_windows[group].Count);
            blob.Signed(_windows[group].Start);
            blob.Unsigned((ulong)_windows[group].Nth);
            _groups.Save(blob, group);
        }

        changes.End();
    }
}
