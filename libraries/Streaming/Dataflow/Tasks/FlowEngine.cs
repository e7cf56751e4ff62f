using System.Collections.Concurrent;

namespace RealTimeMesh.Streaming;

/// <summary>All partitions of a dataflow. Thread-safe: partitions run side by side.</summary>
internal sealed class FlowEngine(TaskPlan plan, IStreamState state, StreamTaskOptions options, TimeProvider time, string writer) : IDisposable
{
    private readonly ConcurrentDictionary<int, StreamTask> _tasks = new();
    private readonly PartitionRegister _register = new($"flows/{plan.Name}", state);

    public TaskPlan Plan => plan;

    /// <summary>Status of the partitions seen so far, in order.</summary>
    public IReadOnlyList<StreamTaskStatus> Partitions => [.. _tasks.Values.Select(task => task.Status).OrderBy(status => status.Partition)];

    /// <summary>Reads the state of all partitions that ever had a batch.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var count = await _register.ReadAsync(cancellationToken);
        for (var i = 0; i < count; i++)
            await Get(i).RestoreAsync(cancellationToken);
    }

    /// <summary>Starts a batch of one input's partition, once the one before it has ended.</summary>
    public async Task<TaskBatch> BeginAsync(int source, int partition, CancellationToken cancellationToken)
    {
        await _register.EnsureAsync(partition, cancellationToken);
        return await Get(partition).BeginAsync(source, cancellationToken);
    }

    /// <summary>To be called now and then: partitions without events follow those with events, and results that wait to be told are told.</summary>
    public async Task PulseAsync(CancellationToken cancellationToken)
    {
        var follow = Follow();
        foreach (var task in _tasks.Values)
            await task.PulseAsync(follow, cancellationToken);
    }

    /// <summary>For each step with an open window, what holds the first one open, by partition.</summary>
    public async Task<IReadOnlyList<Held>> ExplainAsync(CancellationToken cancellationToken)
    {
        List<Held> held = [];
        foreach (var (_, task) in _tasks.OrderBy(pair => pair.Key))
            held.AddRange(await task.ExplainAsync(cancellationToken));
        return held;
    }

    /// <summary>Rows of a view over all partitions, in the query's order. Throws <see cref="StreamingException"/> for a query that cannot be answered.</summary>
    public async Task<FlowPage> QueryAsync(string view, ViewQuery query, CancellationToken cancellationToken)
    {
        if (query.Limit is < 1 or > 10_000)
            throw new StreamingException($"view '{view}': found limit {query.Limit}; expected 1 to 10000; page through more rows with 'after'.");
        ViewCursor? after = null;
        if (query.After is not null)
            after = ViewCursor.TryDecode(query.After, out var cursor) ? cursor : throw new StreamingException($"view '{view}': found the cursor '{query.After}'; expected the 'next' of an earlier answer; start without one.");
        List<FlowRow> rows = [];
        foreach (var task in _tasks.Values)
            rows.AddRange(await task.ReadAsync(state => Read(state, view, query, after), cancellationToken));
        var ordered = query.Descending ? rows.OrderByDescending(row => row.Start) : rows.OrderBy(row => row.Start);
        FlowRow[] first = [.. ordered.ThenBy(row => row.Key, StringComparer.Ordinal).Take(query.Limit)];
        return new FlowPage(first, rows.Count > first.Length ? new ViewCursor(first[^1].Start, first[^1].Key).Encode() : null);
    }

    public void Dispose()
    {
        _register.Dispose();
        foreach (var task in _tasks.Values)
            task.Dispose();
    }

    /// <summary>
    /// The watermark that idle partitions of each source take over: the least of its partitions that are not idle, or,
    /// where all are, the least of all other sources'. None where one that is not idle has no event yet.
    /// </summary>
    private long[] Follow()
    {
        var statuses = Partitions;
        var active = new List<long>[plan.Sources.Count];
        for (var i = 0; i < active.Length; i++)
        {
            active[i] = [.. statuses.Select(status => status.Inputs[i]).Where(input => time.GetElapsedTime(input.LastActivity) < plan.Sources[i].IdleAfter).Select(input => input.Watermark)];
        }

        var all = active.SelectMany(marks => marks).DefaultIfEmpty(DataBatch.NoTime).Min();
        return [.. active.Select(marks => marks.Count > 0 ? marks.Min() : all)];
    }

    private FlowRow[] Read(TaskState state, string view, ViewQuery query, ViewCursor? after)
    {
        var table = state.Graph.Views.FirstOrDefault(other => other.Name == view)
            ?? throw new StreamingException($"dataflow '{plan.Name}': found view '{view}'; expected one of {string.Join(", ", state.Graph.Views.Select(other => other.Name))}; correct the name.");
        return [.. table.Query(query, after, query.Key is null ? null : table.KeyFrom(query.Key)).Select(row => new FlowRow(row.Start, row.Key, table.TextOf(row)))];
    }

    private StreamTask Get(int partition) =>
        _tasks.GetOrAdd(partition, static (number, engine) => engine.NewTask(number), this);

    private StreamTask NewTask(int partition) => new(plan, partition, state, options, time, writer);
}

/// <summary>A row of a view.</summary>
/// <param name="Start">Start of its window, microseconds.</param>
/// <param name="Key">Text of its key.</param>
/// <param name="Json">The row as one JSON object.</param>
internal sealed record FlowRow(long Start, string Key, string Json);

/// <summary>Rows of a view and where to go on: <see cref="ViewQuery.After"/>, null where there are no more.</summary>
internal sealed record FlowPage(IReadOnlyList<FlowRow> Rows, string? Next);
