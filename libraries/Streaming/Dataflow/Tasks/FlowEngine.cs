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

    /// <summary>Rows of a view over all partitions, in the query's order, each as a JSON object.</summary>
    public async Task<IReadOnlyList<(ViewTableRow Row, string Json)>> QueryAsync(string view, ViewQuery query, CancellationToken cancellationToken)
    {
        List<(ViewTableRow Row, string Json)> rows = [];
        foreach (var task in _tasks.Values)
        {
            rows.AddRange(await task.ReadAsync(
                state =>
                {
                    var table = state.Graph.Views.FirstOrDefault(other => other.Name == view)
                        ?? throw new StreamingException($"dataflow '{plan.Name}': found view '{view}'; expected one of {string.Join(", ", state.Graph.Views.Select(other => other.Name))}; correct the name.");
                    return table.Query(query, null, query.Key).Select(row => (row, table.TextOf(row))).ToArray();
                },
                cancellationToken));
        }

        var ordered = query.Descending ? rows.OrderByDescending(row => row.Row.Start) : rows.OrderBy(row => row.Row.Start);
        return [.. ordered.ThenBy(row => row.Row.Key, StringComparer.Ordinal).Take(query.Limit)];
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

    private StreamTask Get(int partition) =>
        _tasks.GetOrAdd(partition, static (number, engine) => engine.NewTask(number), this);

    private StreamTask NewTask(int partition) => new(plan, partition, state, options, time, writer);
}
