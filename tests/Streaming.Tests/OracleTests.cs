using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming.Tests;

public class OracleTests(ITestOutputHelper output)
{
    private static readonly string[] Symbols = ["AAA", "b|c", "d/e", "", "ü€", "%N", "F"];
    private static readonly TimeSpan OutOfOrder = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Views_equal_brute_force_whatever_fails_restarts_or_repeats(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var stream = TestStreams.Stream(OutOfOrder);
        ViewDefinition[] views = Views(stream);
        var oracle = new Oracle(OutOfOrder, views, [trade => trade.Symbol, trade => trade.Venue ?? "<null>"], [_ => true, trade => trade.Size > 0]);
        var events = Generate(random, 3_000);
        foreach (var item in events)
            oracle.Apply(item);

        var memory = new InMemoryStreamState();
        var flaky = new FlakyState(memory, random, 0.15);
        var time = new FakeTimeProvider();
        var options = new StreamingOptions { PageWindows = random.Next(1, 20), MaxCachedWindows = random.Next(2) == 0 ? 5 : 100_000, ReadChunk = 3 };
        var run = new VirtualStream(stream, views, flaky, time, options, "w0");
        var restarts = 0;
        foreach (var partition in events.GroupBy(item => item.Partition))
        {
            var queue = partition.ToArray();
            for (var next = 0; next < queue.Length;)
            {
                if (random.Next(10) == 0)
                    run = new VirtualStream(stream, views, flaky, time, options, $"w{++restarts}");
                // A delivery may begin with events that were applied before.
                var from = Math.Max(0, next - random.Next(4));
                var until = Math.Min(queue.Length, next + random.Next(1, 200));
                try
                {
                    var outcome = await run.ApplyAsync(partition.Key, [.. queue[from..until].Select(ToEvent)], TestContext.Current.CancellationToken);
                    Assert.NotEqual(BatchCommit.Fenced, outcome.Commit);
                    next = until;
                }
                catch (IOException)
                {
                    // Delivered again, as a sidecar would.
                }
            }
        }

        Assert.True(flaky.Failures > 0);
        var reader = new VirtualStream(stream, views, memory, time, options, "reader");
        await reader.Engine.RestoreAsync(TestContext.Current.CancellationToken);
        Assert.Equal(oracle.Applied, reader.Engine.Partitions.Sum(status => status.Applied));
        Assert.Equal(oracle.Late, reader.Engine.Partitions.Sum(status => status.Late));
        Assert.Equal(oracle.Quarantined, reader.Engine.Partitions.Sum(status => status.Quarantined));
        Assert.Equal(oracle.Duplicates, reader.Engine.Partitions.Sum(status => status.DuplicatesSkipped));
        Assert.True(oracle is { Late: > 0, Quarantined: > 0, Duplicates: > 0 });
        await CompareAsync(reader, oracle, 0, "by_symbol", row => row.GetProperty("symbol").GetString()!);
        await CompareAsync(reader, oracle, 1, "by_venue", row => row.GetProperty("venue").GetString() ?? "<null>");
    }

    [Fact]
    public async Task Batch_boundaries_do_not_change_results()
    {
        var stream = TestStreams.Stream(OutOfOrder);
        ViewDefinition[] views = Views(stream);
        VirtualEvent[] events = [.. Generate(new Random(7), 2_000).Where(item => item.Partition == 0).Select(ToEvent)];
        List<string> results = [];
        foreach (var size in (int[])[1, 7, 64, 5_000])
        {
            using var run = new VirtualStream(stream, views, new InMemoryStreamState(), new FakeTimeProvider());
            foreach (var chunk in events.Chunk(size))
                await run.ApplyAsync(0, chunk, TestContext.Current.CancellationToken);
            var rows = await run.RowsAsync("by_symbol", TestContext.Current.CancellationToken);
            var status = run.Engine.Partitions[0];
            results.Add($"{status.Applied} {status.Late} {status.Quarantined} {status.DuplicatesSkipped}\n{string.Join('\n', rows)}\n{string.Join('\n', await run.RowsAsync("by_venue", TestContext.Current.CancellationToken))}");
        }

        Assert.All(results, result => Assert.Equal(results[0], result));
    }

    private static ViewDefinition[] Views(StreamDefinition stream) =>
    [
        TestStreams.View(stream, "by_symbol", ["symbol"], lateness: TimeSpan.FromSeconds(30), select:
        [
            ("n", "count(*)"), ("sized", "count(size)"), ("venues", "count(distinct venue)"), ("total", "sum(size)"), ("turnover", "sum(size * price)"),
            ("mean", "avg(size)"), ("low", "min(price)"), ("high", "max(price)"), ("least", "min(venue)"), ("opening", "first(price)"),
            ("closing", "last(venue)"), ("spread", "stddev(price)"), ("p75", "quantile(price, 0.75)"), ("latest", "max(at)"),
        ]),
        TestStreams.View(stream, "by_venue", ["venue"], "size > 0", TimeSpan.FromSeconds(90), select: [("n", "count(*)"), ("mean", "avg(price)"), ("total", "sum(size)")]),
    ];

    private static VirtualEvent ToEvent(Sent item) =>
        new(item.Offset, item.Trade is null ? null : batch => TestStreams.Append(batch, item.Trade)) { Source = item.Source, Sequence = item.Sequence };

    private static List<Sent> Generate(Random random, int count)
    {
        List<Sent> events = [];
        var offsets = new long[3];
        var sequences = new long[3];
        double clock = 0;
        for (var i = 0; i < count; i++)
        {
            clock += random.NextDouble() * 2;
            var symbol = random.Next(Symbols.Length);
            var partition = symbol % 3;
            var disorder = random.Next(20) == 0 ? 400 : 90;
            var hasSequence = partition != 1;
            if (hasSequence && random.Next(30) == 0)
                sequences[partition] = Math.Max(0, sequences[partition] - random.Next(4));
            events.Add(new Sent(partition, offsets[partition]++, hasSequence ? "file" : "door", hasSequence ? sequences[partition]++ : -1, random.Next(40) == 0
                ? null
                : new Trade(Symbols[symbol], random.Next(100) == 0 ? null : Math.Round(clock - random.NextDouble() * disorder, 6))
                {
                    Venue = random.Next(6) == 0 ? null : $"v{random.Next(5)}",
                    Size = random.Next(6) == 0 ? null : random.Next(-50, 1_000),
                    Price = random.Next(6) == 0 ? null : Math.Round(random.NextDouble() * 100, 3),
                }));
        }

        return events;
    }

    private static async Task CompareAsync(VirtualStream run, Oracle oracle, int view, string name, Func<JsonElement, string> key)
    {
        Dictionary<(string, string), JsonElement> rows = [];
        foreach (var text in await run.RowsAsync(name, TestContext.Current.CancellationToken))
        {
            var row = JsonDocument.Parse(text).RootElement;
            rows.Add((key(row), row.GetProperty("start").GetString()!), row);
        }

        var size = run.Engine.Views[view].Window.TotalSeconds;
        var expected = oracle.Windows.Where(pair => pair.Key.View == view).ToArray();
        Assert.Equal(expected.Length, rows.Count);
        foreach (var ((_, group, window), members) in expected)
        {
            var row = rows[(group, TestStreams.Time(window * size))];
            if (view == 0)
                Expectations.All(row, members);
            else
                Expectations.Some(row, members);
        }
    }
}
