using System.Text;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// The end of a view: its results by window and key, for readers of this service and as rows of the state store. A result
/// replaces the one before it of the same window and key; equal ones are not written again. Rows are forgotten when event
/// time has passed their end by the time they are retained.
/// </summary>
internal sealed class ViewTable : Operator
{
    /// <summary>Results; of open windows; and such that no longer hold.</summary>
    public const int Results = 0;
    public const int Updates = 1;
    public const int TakenBack = 2;

    private const byte Put = 1;
    private const byte Removed = 2;
    private const int PieceRows = 1024;

    private readonly Dictionary<(long Start, string Key), ViewTableRow> _rows = [];
    private readonly SortedDictionary<long, List<ViewTableRow>> _open = [];
    private readonly SortedDictionary<long, List<ViewTableRow>> _byEnd = [];
    private readonly List<ViewTableRow> _dirty = [];
    private readonly ViewRowFormat _format;
    private readonly long _lateness;
    private readonly long _retain;

    /// <param name="name"><c>{pipeline}.{view}</c></param>
    /// <param name="input">Rows that come in.</param>
    /// <param name="by">Fields that name a row within its window.</param>
    /// <param name="isWindowed">Rows begin with the start and the end of their window; otherwise their time is both.</param>
    /// <param name="lateness">How long after its end a window may still change, microseconds.</param>
    /// <param name="retain">How long after its end a row stays, microseconds.</param>
    public ViewTable(string name, RowSchema input, IReadOnlyList<string> by, bool isWindowed, long lateness, long retain)
        : base(input)
    {
        (Name, By, _lateness, _retain) = (name, by, lateness, Math.Max(lateness, retain));
        _format = new ViewRowFormat(name, input, by, isWindowed);
    }

    public string Name { get; }

    public IReadOnlyList<string> By { get; }

    /// <summary>Names of the columns besides the key's fields and the window.</summary>
    public IReadOnlyList<string> Columns => _format.Columns;

    public int Count => _rows.Count;

    public override long StateBytes => _rows.Count * 300L;

    public override void Process(int port, DataBatch batch)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            var (start, end) = _format.WindowOf(batch, row);
            var key = _format.KeyOf(batch.Rows, row);
            if (port == TakenBack)
                Remove(start, key);
            else
                Set(Get(start, key, end), end, _format.ColumnsOf(batch.Rows, row));
        }
    }

    public override void Advance(int port, long watermark)
    {
        foreach (var row in Take(_open, watermark - _lateness))
        {
            if (row.IsGone || row.IsFinal)
                continue;
            row.IsFinal = true;
            Note(row);
        }

        foreach (var row in Take(_byEnd, watermark - _retain))
        {
            if (!row.IsGone)
                Remove(row.Start, row.Key);
        }

        Forward(watermark);
    }

    public override void WriteChanges(ChangeWriter changes)
    {
        foreach (var row in _dirty)
            Write(changes, row);
    }

    /// <summary>Adds the rows that changed since the last call, as they are to stand in the store.</summary>
    public void TakeRows(List<StateChange> changes)
    {
        foreach (var row in _dirty)
        {
            row.IsDirty = false;
            changes.Add(new StateChange(_format.StateKey(row), row.IsGone ? default : _format.StateValue(row)) { Delete = row.IsGone });
        }

        _dirty.Clear();
    }

    public override IEnumerable<bool> WriteAll(ChangeWriter changes)
    {
        var count = 0;
        foreach (var row in _rows.Values.ToArray())
        {
            Write(changes, row);
            if (++count % PieceRows == 0)
                yield return true;
        }
    }

    public override void Apply(ref BlobReader change)
    {
        var kind = change.Byte();
        var start = change.Signed();
        var key = change.Text();
        if (kind == Removed)
        {
            if (_rows.Remove((start, key), out var gone))
                gone.IsGone = true;
            return;
        }

        if (kind != Put)
            throw new StreamingException($"stored state: found a change of kind {kind}; expected 1 or 2; the state was written by something else or is damaged.");
        var end = change.Signed();
        var row = Get(start, key, end);
        row.IsFinal = change.Byte() != 0;
        row.Columns = change.Take(change.Count()).ToArray();
        row.IsSet = true;
        row.IsDirty = false;
        _dirty.Clear();
    }

    /// <summary>The rows of a query in its order, at most one more than its limit.</summary>
    public IReadOnlyList<ViewTableRow> Query(ViewQuery query, ViewCursor? after, string? key)
    {
        var rows = _rows.Values.Where(row =>
            (key is null || row.Key == key)
            && (query.From is not { } from || row.Start >= EventTimes.Of(from))
            && (query.To is not { } to || row.Start < EventTimes.Of(to))
            && (after is not { } cursor || cursor.IsBefore(row.Start, row.Key, query.Descending)));
        rows = query.Descending
            ? rows.OrderByDescending(row => row.Start).ThenBy(row => row.Key, StringComparer.Ordinal)
            : rows.OrderBy(row => row.Start).ThenBy(row => row.Key, StringComparer.Ordinal);
        return [.. rows.Take(query.Limit + 1)];
    }

    /// <summary>A key as readers write it, values joined by <c>|</c>, in the form of <see cref="ViewTableRow.Key"/>.</summary>
    public string KeyFrom(string text)
    {
        var parts = text.Split('|');
        if (parts.Length != Math.Max(1, By.Count))
            throw new StreamingException($"view '{Name}': found the key '{text}' of {parts.Length} values; expected {By.Count} joined by '|' ({string.Join('|', By)}); correct the key.");
        // A part may come escaped as in state keys, which is the only way to name a value with '|' in it.
        return By.Count == 0 ? "" : _format.KeyFrom(parts);
    }

    /// <summary>A row as one JSON object: the key's fields, the view's columns, <c>start</c>, <c>end</c>, <c>final</c>.</summary>
    public string TextOf(ViewTableRow row) => Encoding.UTF8.GetString(_format.Flat(row));

    private static IEnumerable<ViewTableRow> Take(SortedDictionary<long, List<ViewTableRow>> rows, long until)
    {
        while (rows.Count > 0)
        {
            var (end, first) = rows.First();
            if (end > until)
                yield break;
            rows.Remove(end);
            foreach (var row in first)
                yield return row;
        }
    }

    private static void Add(SortedDictionary<long, List<ViewTableRow>> rows, ViewTableRow row)
    {
        if (!rows.TryGetValue(row.End, out var list))
            rows.Add(row.End, list = []);
        list.Add(row);
    }

    /// <summary>The row of a window and key; made where there is none, and made anew where its end is another: a session that has grown.</summary>
    private ViewTableRow Get(long start, string key, long end)
    {
        if (_rows.TryGetValue((start, key), out var row) && row.End == end)
            return row;
        if (row is not null)
            Forget(row);
        row = new ViewTableRow(key, start) { End = end };
        _rows[(start, key)] = row;
        Add(_open, row);
        Add(_byEnd, row);
        return row;
    }

    private void Set(ViewTableRow row, long end, ReadOnlySpan<byte> columns)
    {
        if (row.IsSet && row.Columns.AsSpan().SequenceEqual(columns))
            return;
        row.IsSet = true;
        row.End = end;
        row.Columns = columns.ToArray();
        Note(row);
    }

    private void Remove(long start, string key)
    {
        if (!_rows.Remove((start, key), out var row))
            return;
        row.IsGone = true;
        Note(row);
    }

    /// <summary>Drops a row whose place another takes at once: the store's row is written over, not deleted.</summary>
    private void Forget(ViewTableRow row)
    {
        row.IsGone = true;
        if (!row.IsDirty)
            return;
        row.IsDirty = false;
        _dirty.Remove(row);
    }

    private void Note(ViewTableRow row)
    {
        if (row.IsDirty)
            return;
        row.IsDirty = true;
        _dirty.Add(row);
    }

    private static void Write(ChangeWriter changes, ViewTableRow row)
    {
        var blob = changes.Begin();
        blob.Byte(row.IsGone ? Removed : Put);
        blob.Signed(row.Start);
        blob.Text(row.Key);
        if (!row.IsGone)
        {
            blob.Signed(row.End);
            blob.Byte(row.IsFinal ? (byte)1 : (byte)0);
            blob.Unsigned((ulong)row.Columns.Length);
            blob.Bytes(row.Columns);
        }

        changes.End();
    }
}
