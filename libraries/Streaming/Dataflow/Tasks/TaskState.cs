namespace RealTimeMesh.Streaming;

/// <summary>What a task has in memory: what the store has, and what its running batch adds. Forgotten as a whole where the two may differ.</summary>
internal sealed class TaskState
{
    private readonly TaskPlan _plan;
    private readonly int _partition;
    private readonly long[] _lateBefore;
    private readonly Dictionary<long, int> _lateSteps = [];
    private readonly int[] _firstSteps;
    private readonly int _keptLate;

    public TaskState(TaskPlan plan, int partition, int keptLate, long now)
    {
        (_plan, _partition, _keptLate) = (plan, partition, keptLate);
        Graph = plan.NewGraph();
        Inputs = [.. plan.Sources.Select(source => new TaskInput(source) { LastActivity = now })];
        Batches = [.. plan.Sources.Select(source => new DataBatch(source.Schema))];
        _lateBefore = new long[Graph.Steps.Count];
        _firstSteps = [.. plan.Sources.Select((_, source) => Graph.Steps.Count(step => step.IsFirst && step.Sources.Contains(source)))];
        foreach (var step in Graph.Steps.Where(step => step.IsFirst))
            step.Step.LateRow = (batch, row) => NoteLate(step, batch, row);
    }

    public TaskGraph Graph { get; }

    public TaskInput[] Inputs { get; }

    /// <summary>Rows of each input, reused between batches.</summary>
    public DataBatch[] Batches { get; }

    /// <summary>The input whose batch runs.</summary>
    public int Current { get; set; }

    /// <summary>Transactions so far.</summary>
    public long Commits { get; set; }

    public Queue<LateEvent> LateEvents { get; } = new();

    /// <summary>Late rows of each step, since ever.</summary>
    public long[] Late => [.. Graph.Steps.Select((step, index) => _lateBefore[index] + step.Step.Late)];

    public void BeginBatch(int input)
    {
        Current = input;
        Batches[input].Clear();
        _lateSteps.Clear();
    }

    /// <summary>How many events of the batch were late for every step that takes them.</summary>
    public int LateEverywhere() => _lateSteps.Values.Count(count => count == _firstSteps[Current]);

    public void Restore(System.Text.Json.JsonElement head)
    {
        Commits = TaskHead.Read($"{_plan.Name}/p{_partition}", head, _plan, _partition, Inputs, _lateBefore, LateEvents);
        for (var i = 0; i < Inputs.Length; i++)
        {
            if (Inputs[i].Watermark != DataBatch.NoTime)
                Graph.Entries[i].Resume(0, Inputs[i].Watermark);
        }
    }

    /// <summary>Takes in a row of the log: records of (step, length, change).</summary>
    public void Apply(ReadOnlyMemory<byte> row)
    {
        var reader = new BlobReader(row.Span);
        while (!reader.AtEnd)
        {
            var step = reader.Unsigned();
            if (step >= (ulong)Graph.Steps.Count)
                throw new StreamingException($"'{_plan.Name}/p{_partition}': the log has a change of step {step}; expected fewer than {Graph.Steps.Count}; the state was written by another definition or is damaged.");
            var change = new BlobReader(reader.Take(reader.Count()));
            Graph.Steps[(int)step].Step.Apply(ref change);
        }
    }

    public void WriteChanges(ChangeWriter changes)
    {
        for (var i = 0; i < Graph.Steps.Count; i++)
        {
            changes.Step = i;
            Graph.Steps[i].Step.WriteChanges(changes);
        }
    }

    public IEnumerable<bool> WriteAll(ChangeWriter changes)
    {
        for (var i = 0; i < Graph.Steps.Count; i++)
        {
            changes.Step = i;
            foreach (var piece in Graph.Steps[i].Step.WriteAll(changes))
            {
                yield return piece;
                changes.Step = i;
            }
        }
    }

    private void NoteLate(TaskStep step, DataBatch batch, int row)
    {
        var offset = batch.Places[row];
        _lateSteps[offset] = _lateSteps.GetValueOrDefault(offset) + 1;
        if (_keptLate == 0)
            return;
        if (LateEvents.Count == _keptLate)
            LateEvents.Dequeue();
        LateEvents.Enqueue(new LateEvent(step.Name, Inputs[Current].Source.Topic, _partition, offset, batch.Times[row], batch.Marks[row]));
    }
}
