using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// One partition of a stream: its position and its views. Memory is a cache of the store: after any failure it is
/// forgotten and read again, so it never runs ahead.
/// </summary>
internal sealed class PartitionEngine : IDisposable
{
    private readonly int _partition;
    private readonly EngineContext _context;
    private readonly string _key;
    private readonly SemaphoreSlim _lock = new(1, 1);
    private readonly ChangeSet _changes = new();
    private readonly EventTimeReader _time;
    private PartitionView[] _views = [];
    private PartitionPosition? _position;
    private byte[] _written = [];
    private string? _etag;
    private PendingCounts _pending;
    private volatile PartitionStatus _status;

    public PartitionEngine(int partition, EngineContext context)
    {
        _partition = partition;
        _context = context;
        _key = $"positions/{context.Stream.Topic}/p{partition}";
        _time = new EventTimeReader(context.Stream);
        Batch = new BatchRows(new ColumnBatch(context.Stream.Contract.Rows));
        _status = new PartitionStatus(partition) { LastActivity = context.Time.GetTimestamp(), Views = [.. context.Plans.Select(_ => new ViewStatus(0, 0, 0, null))] };
    }

    private record struct PendingCounts(int Admitted, int Quarantined, int Duplicates);

    public BatchRows Batch { get; }

    public PartitionStatus Status => _status;

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            await SynchroniseAsync(cancellationToken);
        }
        finally
        {
            Release();
        }
    }

    public async Task<PartitionBatch> BeginAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            // A stored position proves that nobody else wrote; its tag guards the commit.
            if (_position is null || _etag is null)
                await SynchroniseAsync(cancellationToken);
            Batch.Clear();
            _pending = default;
            return new PartitionBatch(this);
        }
        catch
        {
            Forget();
            Release();
            throw;
        }
    }

    public Admission Admit(long offset, ReadOnlySpan<byte> source, long sequence)
    {
        var position = _position!;
        if (offset >= 0)
        {
            if (offset <= position.Offset)
                return Admission.AlreadyApplied;
            position.Offset = offset;
        }

        _pending.Admitted++;
        if (sequence < 0 || position.Sources.TryAdvance(source, sequence, offset, _context.Options.MaxSources))
            return Admission.Accept;
        Skip();
        return Admission.Duplicate;
    }

    public void Skip()
    {
        _position!.DuplicatesSkipped++;
        _pending.Duplicates++;
    }

    public void Redrive() => _position!.Redriven++;

    public void Quarantine()
    {
        _position!.Quarantined++;
        _pending.Quarantined++;
    }

    public async Task<BatchOutcome> CommitAsync(Func<IReadOnlyList<int>, CancellationToken, Task>? beforeStored, CancellationToken cancellationToken)
    {
        if (_pending.Admitted == 0)
            return new BatchOutcome(BatchCommit.Nothing, 0, 0, 0, 0, 0, 0);
        var committed = false;
        try
        {
            var (applied, late) = await ApplyAsync(cancellationToken);
            IReadOnlyList<StateChange> changes = BuildChanges();
            if (_changes.Bytes > _context.Options.MaxTransactionBytes && _pending.Admitted > 1)
                return new BatchOutcome(BatchCommit.TooLarge, 0, 0, 0, 0, _changes.Count, _changes.Bytes);
            if (beforeStored is not null && _pending.Quarantined > 0)
                await beforeStored(Batch.Untimed(), cancellationToken);
            var result = await _context.State.CommitAsync(changes, cancellationToken);
            if (result == StateCommit.Conflict)
                return new BatchOutcome(BatchCommit.Fenced, 0, 0, 0, 0, 0, 0);
            committed = true;
            _etag = null;
            foreach (var view in _views)
                view.Committed();
            Trim();
            Publish();
            return new BatchOutcome(BatchCommit.Applied, applied, late, _pending.Quarantined, _pending.Duplicates, _changes.Count, _changes.Bytes);
        }
        finally
        {
            if (!committed)
                Forget();
            _changes.Clear();
        }
    }

    /// <summary>Runs a reader over a view while no batch runs, on memory that is checked against the store.</summary>
    public async Task<T> ReadAsync<T>(int view, Func<PartitionView, Func<Task>, Task<T>> read, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            await SynchroniseAsync(cancellationToken);
            var result = await read(_views[view], () => LoadAsync(cancellationToken));
            Trim();
            return result;
        }
        catch
        {
            Forget();
            throw;
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Drops everything in memory.</summary>
    public void Forget()
    {
        _position = null;
        _etag = null;
        _written = [];
        _views = [];
    }

    public void Release() => _lock.Release();

    public void Dispose() => _lock.Dispose();

    private async Task<(int Applied, int Late)> ApplyAsync(CancellationToken cancellationToken)
    {
        var position = _position!;
        position.MaxTime = Batch.ReadTimes(_time, position.MaxTime, _context.OutOfOrder);
        foreach (var view in _views)
            view.Prepare(Batch, _context.Options.MaxDeletesPerBatch);
        await LoadAsync(cancellationToken);
        foreach (var view in _views)
            view.Resolve(Batch);
        await LoadAsync(cancellationToken);
        foreach (var view in _views)
            view.Apply(Batch);
        return Count(position);
    }

    private (int Applied, int Late) Count(PartitionPosition position)
    {
        int applied = 0, late = 0;
        for (var i = 0; i < Batch.Count; i++)
        {
            if (Batch.Times[i] == BatchRows.NoTime)
                Quarantine();
            else if (_views.Length > 0 && Batch.LateViews[i] == _views.Length)
                late++;
            else
                applied++;
        }

        position.Applied += applied;
        position.Late += late;
        position.Batches++;
        return (applied, late);
    }

    private IReadOnlyList<StateChange> BuildChanges()
    {
        foreach (var view in _views)
            view.Collect(_changes, Batch);
        // Last, because the views' deletions decide which pages it lists; the transaction is atomic in any order.
        var json = _changes.Begin(_key, _etag is "" ? StateGuard.Absent : StateGuard.Unchanged, _etag is "" ? null : _etag);
        _position!.Write(json, _context.Writer, Batch.NewWatermark, _views);
        _written = _changes.End().ToArray();
        return _changes.Build();
    }

    /// <summary>Makes memory equal to the store: keeps it where the stored position is the one it wrote, else starts anew. An absent record has the tag "".</summary>
    private async Task SynchroniseAsync(CancellationToken cancellationToken)
    {
        var stored = (await _context.State.GetAsync([_key], cancellationToken))[0];
        if (_position is not null && (stored is null ? [] : stored.Value.Span).SequenceEqual(_written))
        {
            _etag = stored?.ETag ?? "";
            return;
        }

        Forget();
        PartitionView[] views = [.. _context.Plans.Select(plan => new PartitionView(plan, _partition))];
        var position = stored is null ? new PartitionPosition() : PartitionPosition.Read(_key, stored.Value, views);
        _views = views;
        _position = position;
        _written = stored?.Value.ToArray() ?? [];
        _etag = stored?.ETag ?? "";
        Publish();
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var view in _views)
        {
            while (view.Requests.Count > 0)
            {
                var count = Math.Min(view.Requests.Count, _context.Options.ReadChunk);
                List<ViewRead> reads = view.Requests.GetRange(0, count);
                view.Requests.RemoveRange(0, count);
                var stored = await _context.State.GetAsync([.. reads.Select(read => read.Key)], cancellationToken);
                for (var i = 0; i < reads.Count; i++)
                    view.Receive(reads[i], stored[i]);
            }
        }
    }

    private void Trim()
    {
        var total = _views.Sum(view => view.WindowCount);
        while (total > _context.Options.MaxCachedWindows)
        {
            var largest = _views.MaxBy(view => view.WindowCount)!;
            if (!largest.UnloadOldest())
                return;
            total = _views.Sum(view => view.WindowCount);
        }
    }

    private void Publish()
    {
        var position = _position!;
        var watermark = BatchRows.Watermark(position.MaxTime, _context.OutOfOrder);
        _status = new PartitionStatus(_partition)
        {
            Offset = position.Offset,
            Watermark = watermark == BatchRows.NoTime ? null : EventTimes.ToDateTime(watermark),
            Applied = position.Applied,
            Late = position.Late,
            Quarantined = position.Quarantined,
            DuplicatesSkipped = position.DuplicatesSkipped,
            Redriven = position.Redriven,
            LastActivity = _context.Time.GetTimestamp(),
            Views = [.. _views.Select(view => new ViewStatus(view.Late, view.KeyCount, view.WindowCount, OldestOpen(view, watermark)))],
        };
    }

    private static DateTime? OldestOpen(PartitionView view, long watermark)
    {
        foreach (var number in view.Shelves.Keys)
        {
            if (view.Plan.PageEnd(number) + view.Plan.Lateness > watermark)
                return EventTimes.ToDateTime(view.Plan.PageStart(number));
        }

        return null;
    }
}
