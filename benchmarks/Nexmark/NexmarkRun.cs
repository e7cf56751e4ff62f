using System.Diagnostics;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.Benchmarks.Nexmark;

/// <summary>One query over the first events, in one partition, with each batch committed: position and state in one transaction.</summary>
internal sealed class NexmarkRun(NexmarkQuery query, long events, bool keepsResults) : IDisposable
{
    private const int BatchEvents = 5_000;

    private readonly List<string>? _kept = keepsResults ? [] : null;
    private StreamTask? _task;

    public IReadOnlyList<string> Results => _kept!;

    /// <summary>Seconds of processor time, and of the clock.</summary>
    public async Task<(double Cpu, double Wall)> RunAsync(CancellationToken cancellationToken)
    {
        var source = new TaskSource("nexmark.events", NexmarkGenerator.Schema, "date_time", TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(1));
        var flow = query.Plan(Flow.From(source));
        var view = new FlowView($"nexmark.{query.Name}", flow.Node) { By = [], Sink = schema => new ResultSink(schema, query.Columns, _kept) };
        _task = new StreamTask(FlowPlanner.Plan(query.Name, [view]), 0, new InMemoryStreamState(), new StreamTaskOptions(), TimeProvider.System, "benchmark");
        var generator = new NexmarkGenerator();
        var before = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        for (long n = 0; n < events;)
        {
            await using var batch = await _task.BeginAsync(0, cancellationToken);
            for (var end = Math.Min(events, n + BatchEvents); n < end; n++)
            {
                batch.Admit(n, [], -1);
                generator.Append(batch.Rows, n);
                batch.AddRow(n);
            }

            if ((await batch.CommitAsync(null, cancellationToken)).Commit != BatchCommit.Applied)
                throw new InvalidOperationException($"{query.Name}: the batch before event {n} was not applied");
        }

        var elapsed = ((Environment.CpuUsage.TotalTime - before).TotalSeconds, clock.Elapsed.TotalSeconds);
        await _task.ReadAsync(
            state =>
            {
                foreach (var entry in state.Graph.Entries)
                    entry.Advance(0, EventTimes.Latest);
                return true;
            },
            cancellationToken);
        return elapsed;
    }

    public void Dispose() => _task?.Dispose();
}
