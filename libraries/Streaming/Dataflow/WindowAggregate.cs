using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Aggregates by key in tumbling and hopping windows. Each row is added to one pane, whatever the number of its windows;
/// a window's result is its panes merged when event time has passed its end, and given once more for a row that comes
/// within the allowed lateness. Panes are forgotten as a whole, so keys cost nothing to expire.
/// </summary>
internal sealed class WindowAggregate : Operator
{
    private readonly WindowShape _shape;
    private readonly long _lateness;
    private readonly bool _tellsUpdates;
    private readonly KeyBatch _keys;
    private readonly PaneTables _panes;
    private readonly Dictionary<long, PaneRows> _runs = [];
    private readonly Stack<PaneRows> _spare = [];
    private readonly WindowKeys _corrections = new();
    private readonly WindowKeys _updates = new();
    private readonly ResultRows _results;
    private int[] _slots = new int[64];
    private long _watermark = DataBatch.NoTime;

    /// <param name="input">Schema of the rows that come in.</param>
    /// <param name="shape">Windows.</param>
    /// <param name="lateness">How long after its end a window still takes rows, microseconds.</param>
    /// <param name="by">Fields to group by.</param>
    /// <param name="aggregates">Named aggregates.</param>
    /// <param name="tellsUpdates">Keep note of open windows that changed, for <see cref="FlushUpdates"/>.</param>
    public WindowAggregate(RowSchema input, WindowShape shape, long lateness, IReadOnlyList<string> by, IReadOnlyList<(string Name, Aggregator Aggregator)> aggregates, bool tellsUpdates)
        : base(ResultRows.SchemaOf(input, by, aggregates))
    {
        (_shape, _lateness, _tellsUpdates) = (shape, lateness, tellsUpdates);
        _keys = new KeyBatch(input, by);
        _panes = new PaneTables(new AggregateSet([.. aggregates.Select(aggregate => aggregate.Aggregator)]));
        _results = new ResultRows(Output, by.Count);
    }

    /// <summary>Takes results of windows that are still open.</summary>
    public Action<DataBatch>? Updated { get; set; }

    public override long StateBytes => _panes.Bytes;

    public override HeldWindow? FirstOpen
    {
        get
        {
            var after = _watermark == DataBatch.NoTime ? long.MinValue : _shape.EndAfter(_watermark);
            if (_panes.From(after == long.MinValue ? after : _shape.PaneOf(after - _shape.Size)) is not { } pane)
                return null;
            var end = Math.Max(after, _shape.FirstEnd(pane));
            return new HeldWindow(end - _shape.Size, end, _watermark);
        }
    }

    public override void Process(int port, DataBatch batch)
    {
        _keys.Read(batch.Rows);
        var row = 0;
        while (row < batch.Count)
        {
            // A window closes between the rows where event time passes its end, not where a batch happens to end.
            var until = Divide(batch, row);
            AddRuns(batch);
            Give(_corrections, Emit);
            if (until < batch.Count)
                Close(batch.Marks[until]);
            row = until;
        }
    }

    public override void Advance(int port, long watermark)
    {
        if (watermark < _watermark)
            return;
        Close(watermark);
        _panes.Drop(pane => _shape.LastEnd(pane) + _lateness <= watermark);
        Forward(watermark);
    }

    /// <summary>Gives the results of open windows that changed since the last call.</summary>
    public void FlushUpdates() => Give(_updates, rows => Updated?.Invoke(rows), onlyOpen: true);

    public override void WriteChanges(ChangeWriter changes) => _panes.WriteChanges(changes);

    public override IEnumerable<bool> WriteAll(ChangeWriter changes) => _panes.WriteAll(changes);

    public override void Apply(ref BlobReader change) => _panes.Apply(ref change);

    public override void Resume(long watermark)
    {
        _watermark = watermark;
        if (!_tellsUpdates)
            return;
        // Which results were told is not known any more: all are told again, and equal ones change nothing.
        foreach (var (pane, table) in _panes.All)
        {
            for (var group = 0; group < table.SlotEnd; group++)
            {
                if (table.IsUsed(group))
                    NoteOpen(pane, table.KeyOf(group));
            }
        }
    }

    /// <summary>Finds the panes of rows, up to the row before which a window closes, and drops the rows whose windows are all over.</summary>
    private int Divide(DataBatch batch, int from)
    {
        var times = batch.Times;
        var marks = batch.Marks;
        var closes = NextEnd();
        var last = long.MinValue;
        PaneRows? run = null;
        for (var row = from; row < times.Length; row++)
        {
            if (marks[row] >= closes)
                return row;
            var pane = _shape.PaneOf(times[row]);
            if (_shape.IsGap(pane))
                continue;
            if (marks[row] != DataBatch.NoTime && _shape.LastEnd(pane) + _lateness <= marks[row])
            {
                DropLate(batch, row);
                continue;
            }

            if (run is null || pane != last)
            {
                var next = NextEnd(pane);
                if (next <= marks[row])
                    return row;
                (last, closes) = (pane, Math.Min(closes, next));
                if (!_runs.TryGetValue(pane, out run))
                    _runs.Add(pane, run = _spare.TryPop(out var spare) ? spare : new PaneRows());
            }

            run.Add(row);
        }

        return times.Length;
    }

    private void AddRuns(DataBatch batch)
    {
        foreach (var (pane, run) in _runs)
        {
            var rows = run.Rows;
            if (_slots.Length < rows.Length)
                _slots = new int[rows.Length * 2];
            _panes[pane].Add(batch, _keys, rows, _slots);
            Note(pane, rows);
            run.Clear();
            _spare.Push(run);
        }

        _runs.Clear();
    }

    /// <summary>The end of the next window to close, as far as there are panes.</summary>
    private long NextEnd() => _panes.From(_watermark == DataBatch.NoTime ? long.MinValue : _shape.PaneOf(_shape.EndAfter(_watermark) - _shape.Size)) is { } pane ? NextEnd(pane) : long.MaxValue;

    /// <summary>When next a window of a pane closes, or takes no more corrections.</summary>
    private long NextEnd(long pane)
    {
        var first = _shape.FirstEnd(pane);
        if (_watermark == DataBatch.NoTime || first > _watermark)
            return first;
        var next = _shape.EndAfter(_watermark);
        var closes = next <= _shape.LastEnd(pane) ? next : long.MaxValue;
        if (_lateness == 0)
            return closes;
        var corrected = Math.Max(first, _shape.EndAfter(_watermark - _lateness));
        return corrected <= Math.Min(_watermark, _shape.LastEnd(pane)) ? Math.Min(closes, corrected + _lateness) : closes;
    }

    /// <summary>Notes which results a pane's new rows change: of closed windows always, of open ones where somebody asks.</summary>
    private void Note(long pane, ReadOnlySpan<int> rows)
    {
        var first = _shape.FirstEnd(pane);
        if (!_tellsUpdates && (_watermark == DataBatch.NoTime || first > _watermark))
            return;
        for (var end = first; end <= _shape.LastEnd(pane); end += _shape.Slide)
        {
            var isClosed = _watermark != DataBatch.NoTime && end <= _watermark;
            if (isClosed ? end + _lateness <= _watermark : !_tellsUpdates)
                continue;
            var noted = isClosed ? _corrections : _updates;
            foreach (var row in rows)
                noted.Add(end, _keys[row]);
        }
    }

    private void NoteOpen(long pane, ReadOnlySpan<byte> key)
    {
        for (var end = Math.Max(_shape.FirstEnd(pane), _watermark == DataBatch.NoTime ? long.MinValue : _shape.EndAfter(_watermark)); end <= _shape.LastEnd(pane); end += _shape.Slide)
            _updates.Add(end, key);
    }

    /// <summary>Gives the results of all windows that end by the watermark, in the order of their ends.</summary>
    private void Close(long watermark)
    {
        var end = _watermark == DataBatch.NoTime ? long.MinValue : _shape.EndAfter(_watermark);
        while (_panes.From(end == long.MinValue ? long.MinValue : _shape.PaneOf(end - _shape.Size)) is { } pane)
        {
            // Where no pane lies in this window: on to the first that holds the next pane.
            end = Math.Max(end, _shape.FirstEnd(pane));
            if (end > watermark)
                break;
            Emit(_results.Of(_panes.Merged(_shape.PaneOf(end - _shape.Size), _shape.PaneOf(end - 1)), end - _shape.Size, end, _watermark));
            end += _shape.Slide;
        }

        _watermark = watermark;
    }

    /// <param name="noted">Results to give.</param>
    /// <param name="take">Takes them.</param>
    /// <param name="onlyOpen">Leave out windows that have closed since they were noted: their panes may hold rows that came too late for them.</param>
    private void Give(WindowKeys noted, Action<DataBatch> take, bool onlyOpen = false)
    {
        if (noted.Count == 0)
            return;
        _results.Begin();
        for (var slot = 0; slot < noted.SlotEnd; slot++)
        {
            var end = noted.EndOf(slot);
            if (onlyOpen && _watermark != DataBatch.NoTime && end <= _watermark)
                continue;
            var table = _panes.Merged(_shape.PaneOf(end - _shape.Size), _shape.PaneOf(end - 1), noted.KeyOf(slot), out var group);
            if (group >= 0)
                _results.Add(table, group, end - _shape.Size, end, _watermark);
        }

        noted.Clear();
        take(_results.Rows);
    }
}
