using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>Feeds a dataflow with events of its topics, as deliveries of random sizes come, and loses its memory where asked.</summary>
internal sealed class FlowRun : IDisposable
{
    public const long OutOfOrder = 500;

    private readonly TaskPlan _plan;
    private readonly IStreamState _state;
    private FlowEngine _engine;

    public FlowRun(TaskPlan plan, IStreamState? state = null)
    {
        (_plan, _state) = (plan, state ?? new InMemoryStreamState());
        _engine = New();
    }

    public FakeTimeProvider Time { get; } = new();

    public FlowEngine Engine => _engine;

    public int Failures { get; private set; }

    public static StreamDefinition Stream(string name, TimeSpan? idleAfter = null) => new()
    {
        Pipeline = "test",
        Name = name,
        Contract = AvroContract.Parse("""
            {"type":"record","name":"Item","namespace":"test","fields":[
              {"name":"k","type":["null","string"],"default":null},
              {"name":"at","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null},
              {"name":"v","type":["null","long"],"default":null}]}
            """),
        Key = "k",
        Time = new EventTime("at", TimeSpan.FromMilliseconds(OutOfOrder), idleAfter ?? TimeSpan.FromSeconds(30)),
    };

    public FlowEngine New() => new(_plan, _state, new StreamTaskOptions { Log = new StateLogOptions { PieceBytes = 300, CopyAfterBytes = 1500, CopyAfterCommits = 20, DeletesPerCommit = 7, ReadRows = 3 } }, Time, "test");

    /// <summary>Another process takes the place of this one.</summary>
    public void Restart()
    {
        _engine.Dispose();
        _engine = New();
    }

    /// <summary>Applies deliveries of random sizes; each is given again until it is applied, and some once more after that.</summary>
    public async Task FeedAsync(IReadOnlyList<FlowItem> items, Random cuts, bool restarts = false)
    {
        var offsets = new Dictionary<(int, int), long>();
        var numbered = items.Select(item => (Item: item, Offset: offsets[(item.Source, item.Partition)] = offsets.GetValueOrDefault((item.Source, item.Partition), -1) + 1)).ToList();
        for (var from = 0; from < numbered.Count;)
        {
            var (source, partition) = (numbered[from].Item.Source, numbered[from].Item.Partition);
            var most = 1 + cuts.Next(cuts.Next(3) == 0 ? 200 : 8);
            var delivery = numbered.Skip(from).TakeWhile(item => item.Item.Source == source && item.Item.Partition == partition).Take(most).ToList();
            await DeliverAsync(source, partition, delivery);
            if (cuts.Next(10) == 0)
                await DeliverAsync(source, partition, delivery);
            if (restarts && cuts.Next(6) == 0)
                Restart();
            from += delivery.Count;
        }
    }

    public async Task<BatchOutcome> ApplyAsync(int source, int partition, IEnumerable<(FlowItem Item, long Offset)> events, FlowEngine? engine = null)
    {
        await using var batch = await (engine ?? _engine).BeginAsync(source, partition, TestContext.Current.CancellationToken);
        foreach (var (item, offset) in events)
        {
            if (batch.Admit(offset, ""u8, -1) != Admission.Accept)
                continue;
            Put(batch.Rows, item);
            batch.AddRow(offset);
        }

        return await batch.CommitAsync(null, TestContext.Current.CancellationToken);
    }

    /// <summary>All rows of a view, oldest window first.</summary>
    public async Task<List<string>> RowsAsync(string view) =>
        [.. (await _engine.QueryAsync(view, new ViewQuery { Descending = false, Limit = 10_000 }, TestContext.Current.CancellationToken)).Rows.Select(row => row.Json)];

    public void Dispose() => _engine.Dispose();

    private async Task DeliverAsync(int source, int partition, IReadOnlyList<(FlowItem Item, long Offset)> delivery)
    {
        while (true)
        {
            try
            {
                await ApplyAsync(source, partition, delivery);
                return;
            }
            catch (IOException)
            {
                Failures++;
            }
        }
    }

    private static void Put(ColumnBatch rows, FlowItem item)
    {
        if (item.Key is null)
            rows.Columns[0].AppendNull();
        else
            ((StringColumn)rows.Columns[0]).Append(item.Key);
        foreach (var (column, value) in new[] { (1, item.Time * 1000), (2, item.Value) })
        {
            if (value is { } number)
                ((Int64Column)rows.Columns[column]).Append(number);
            else
                rows.Columns[column].AppendNull();
        }
    }
}

/// <summary>An event of a topic's partition; time in milliseconds.</summary>
internal readonly record struct FlowItem(int Source, int Partition, string? Key, long? Time, long? Value);
