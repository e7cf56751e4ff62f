namespace RealTimeMesh.Streaming;

/// <summary>
/// One partition of a dataflow. Each batch of an input is one transaction: what it changes of the steps' state, the rows of
/// the views, and how far every input is applied, guarded by the version of the task's head, so that a task that was
/// taken over by another process is fenced. After any failure memory is forgotten and read again from the store.
/// Thread-safe: batches wait for each other.
/// </summary>
internal sealed class StreamTask : IDisposable
{
    private readonly TaskPlan _plan;
    private readonly int _partition;
    private readonly StreamTaskOptions _options;
    private readonly TimeProvider _time;
    private readonly string _writer;
    private readonly StateLog _log;
    private readonly SemaphoreSlim _lock = new(1, 1);
    private readonly ChangeWriter _changes = new();
    private readonly EventTimeReader[] _times;
    private readonly long[] _flushed;
    private TaskState? _state;
    private bool _isFenced;
    private (int Admitted, int Rows, int Quarantined, int Duplicates) _pending;

    public StreamTask(TaskPlan plan, int partition, IStreamState state, StreamTaskOptions options, TimeProvider time, string writer)
    {
        (_plan, _partition, _options, _time, _writer) = (plan, partition, options, time, writer);
        _log = new StateLog(state, $"flows/{plan.Name}/p{partition}", options.Log);
        _times = [.. plan.Sources.Select(source => new EventTimeReader(source.Topic, source.Schema, source.TimeField))];
        _flushed = new long[plan.NewGraph().Updates.Count];
        Status = new StreamTaskStatus(partition, [.. plan.Sources.Select(source => new TaskInputStatus(source.Topic, -1, DataBatch.NoTime) { LastActivity = time.GetTimestamp() })]);
    }

    public StreamTaskStatus Status { get; private set; }

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            await LoadAsync(cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Starts a batch of an input, once the one before it has ended.</summary>
    public async Task<TaskBatch> BeginAsync(int input, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            var state = await LoadAsync(cancellationToken);
            state.BeginBatch(input);
            _pending = default;
            return new TaskBatch(this, state.Batches[input]);
        }
        catch
        {
            _lock.Release();
            throw;
        }
    }

    /// <summary>
    /// Moves those inputs that are idle on to a watermark each (<see cref="DataBatch.NoTime"/>: not), tells results of open windows that
    /// are due, and stores what this changes. False where another process has the task: it is then left alone until the
    /// next batch comes here, because what it has seen of events is not known here.
    /// </summary>
    public async Task<bool> PulseAsync(IReadOnlyList<long> follow, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            if (_isFenced)
                return false;
            var state = await LoadAsync(cancellationToken);
            state.BeginBatch(0);
            _pending = default;
            var moved = false;
            for (var i = 0; i < state.Inputs.Length; i++)
                moved |= Follow(state, i, follow[i]);
            var flushed = Flush(state);
            if (!moved && !flushed)
                return true;
            return (await StoreAsync(state, null, isPulse: !moved, cancellationToken)).Commit != BatchCommit.Fenced;
        }
        catch
        {
            _state = null;
            throw;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Runs a reader over the state while no batch runs.</summary>
    public async Task<T> ReadAsync<T>(Func<TaskState, T> read, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            return read(await LoadAsync(cancellationToken));
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Which input and event hold open the first window of each step.</summary>
    public Task<IReadOnlyList<Held>> ExplainAsync(CancellationToken cancellationToken) => ReadAsync(Explain, cancellationToken);

    public void Dispose() => _lock.Dispose();

    internal Admission Admit(long offset, ReadOnlySpan<byte> source, long sequence)
    {
        var input = _state!.Inputs[_state.Current];
        if (offset >= 0)
        {
            if (offset <= input.Offset)
                return Admission.AlreadyApplied;
            input.Offset = offset;
        }

        _pending.Admitted++;
        if (sequence < 0 || input.Sequences.TryAdvance(source, sequence, offset, _options.MaxSequences))
            return Admission.Accept;
        Skip();
        return Admission.Duplicate;
    }

    internal void Skip()
    {
        _state!.Inputs[_state.Current].DuplicatesSkipped++;
        _pending.Duplicates++;
    }

    internal bool AddRow(long offset)
    {
        var state = _state!;
        var batch = state.Batches[state.Current];
        var time = _times[state.Current].Read(batch.Rows, batch.Count - 1);
        if (time == BatchRows.NoTime)
        {
            batch.Rows.Truncate(batch.Count - 1);
            Quarantine();
            return false;
        }

        batch.Complete(time, state.Inputs[state.Current].Take(time, offset), offset);
        _pending.Rows++;
        return true;
    }

    internal void Quarantine()
    {
        _state!.Inputs[_state.Current].Quarantined++;
        _pending.Quarantined++;
    }

    internal async Task<BatchOutcome> CommitAsync(Func<CancellationToken, Task>? beforeStored, CancellationToken cancellationToken)
    {
        if (_pending.Admitted == 0)
            return new BatchOutcome(BatchCommit.Nothing, 0, 0, 0, 0, 0, 0);
        try
        {
            var state = _state!;
            var input = state.Inputs[state.Current];
            state.Graph.Entries[state.Current].Process(0, state.Batches[state.Current]);
            if (input.Watermark != DataBatch.NoTime)
                state.Graph.Entries[state.Current].Advance(0, input.Watermark);
            Flush(state);
            input.LastActivity = _time.GetTimestamp();
            return await StoreAsync(state, _pending.Quarantined > 0 ? beforeStored : null, isPulse: false, cancellationToken);
        }
        catch
        {
            _state = null;
            throw;
        }
    }

    /// <summary>Ends a batch; one that was not committed has changed memory.</summary>
    internal void End(bool committed)
    {
        if (!committed)
            _state = null;
        _lock.Release();
    }

    private bool Follow(TaskState state, int index, long watermark)
    {
        var input = state.Inputs[index];
        if (watermark <= input.Watermark || !input.IsIdle(_time))
            return false;
        input.Floor = watermark;
        state.Graph.Entries[index].Advance(0, watermark);
        return true;
    }

    private bool Flush(TaskState state)
    {
        var flushed = false;
        for (var i = 0; i < state.Graph.Updates.Count; i++)
        {
            var (flush, every) = state.Graph.Updates[i];
            if (_flushed[i] != 0 && _time.GetElapsedTime(_flushed[i]) < every)
                continue;
            flush();
            _flushed[i] = _time.GetTimestamp();
            flushed = true;
        }

        return flushed;
    }

    private async Task<TaskState> LoadAsync(CancellationToken cancellationToken)
    {
        if (_state is not null)
            return _state;
        var state = new TaskState(_plan, _partition, _options.KeptLateEvents, _time.GetTimestamp());
        if (await _log.LoadAsync(state.Apply, cancellationToken) is { } head)
            state.Restore(head);
        _state = state;
        Publish(state);
        return state;
    }

    private async Task<BatchOutcome> StoreAsync(TaskState state, Func<CancellationToken, Task>? beforeStored, bool isPulse, CancellationToken cancellationToken)
    {
        var late = state.LateEverywhere();
        var input = state.Inputs[state.Current];
        input.Late += late;
        input.Applied += _pending.Rows - late;
        _changes.Clear();
        state.WriteChanges(_changes);
        List<StateChange> rows = [];
        foreach (var view in state.Graph.Views)
            view.TakeRows(rows);
        var nothing = new BatchOutcome(BatchCommit.Nothing, 0, 0, 0, 0, 0, 0);
        if (isPulse && _changes.Length == 0 && rows.Count == 0)
            return nothing;
        var bytes = _changes.Length + rows.Sum(row => (long)row.Value.Length);
        if (bytes > _options.MaxTransactionBytes && _pending.Admitted > 1)
        {
            _state = null;
            return nothing with { Commit = BatchCommit.TooLarge, StateRows = rows.Count, StateBytes = bytes };
        }

        if (beforeStored is not null)
            await beforeStored(cancellationToken);
        state.Commits++;
        var result = await _log.CommitAsync(
            _changes,
            json => TaskHead.Write(json, _plan, _writer, state.Commits, state.Inputs, state.Late, state.LateEvents),
            rows,
            copy => state.WriteAll(copy).GetEnumerator(),
            cancellationToken);
        if (result == StateCommit.Conflict)
        {
            _state = null;
            _isFenced = true;
            return nothing with { Commit = BatchCommit.Fenced };
        }

        _isFenced = false;
        Publish(state);
        return new BatchOutcome(BatchCommit.Applied, _pending.Rows - late, late, _pending.Quarantined, _pending.Duplicates, rows.Count + 2, bytes);
    }

    private void Publish(TaskState state) => Status = new StreamTaskStatus(_partition,
        [.. state.Inputs.Select(input => new TaskInputStatus(input.Source.Topic, input.Offset, input.Watermark)
        {
            Applied = input.Applied,
            Late = input.Late,
            Quarantined = input.Quarantined,
            DuplicatesSkipped = input.DuplicatesSkipped,
            LastActivity = input.LastActivity,
        })])
    {
        Late = [.. state.Graph.Steps.Select((step, index) => (step.Name, state.Late[index]))],
        LateEvents = [.. state.LateEvents],
        Views = [.. state.Graph.Views.Select(view => (view.Name, view.Count))],
        StateBytes = state.Graph.Steps.Sum(step => step.Step.StateBytes),
    };

    private IReadOnlyList<Held> Explain(TaskState state)
    {
        List<Held> held = [];
        foreach (var step in state.Graph.Steps)
        {
            if (step.Step.FirstOpen is not { } window)
                continue;
            var input = step.Sources.Select(source => state.Inputs[source]).MinBy(other => other.Watermark)!;
            var silent = _time.GetElapsedTime(input.LastActivity);
            held.Add(new Held(step.Name, window, input.Source.Topic, _partition, input.MaxOffset, input.MaxTime, input.Watermark, silent >= input.Source.IdleAfter ? TimeSpan.Zero : input.Source.IdleAfter - silent));
        }

        return held;
    }
}
