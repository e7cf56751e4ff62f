using RealTimeMesh.Console.Collecting;
using RealTimeMesh.Console.Graphs;
using RealTimeMesh.Console.Snapshots;

namespace RealTimeMesh.Console.Tests;

public sealed class CollectingTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Rate_is_of_the_last_seconds_and_not_of_what_was_there_before()
    {
        var rates = new RateWindow(TimeSpan.FromSeconds(5));

        Assert.Equal(0, rates.Observe("a", null, s_start));
        Assert.Equal(0, rates.Observe("a", 1_000_000, s_start.AddSeconds(1)));
        Assert.Equal(500, rates.Observe("a", 1_001_000, s_start.AddSeconds(3)));
        for (var second = 4; second <= 20; second++)
            rates.Observe("a", 1_001_000, s_start.AddSeconds(second));
        Assert.Equal(0, rates.Observe("a", 1_001_000, s_start.AddSeconds(21)));
    }

    [Fact]
    public void Rate_of_a_counter_that_went_back_is_not_negative()
    {
        var rates = new RateWindow(TimeSpan.FromSeconds(5));
        rates.Observe("a", 900, s_start);

        Assert.Equal(0, rates.Observe("a", 10, s_start.AddSeconds(1)));
        Assert.Equal(5, rates.Observe("a", 15, s_start.AddSeconds(2)));
    }

    [Fact]
    public void History_keeps_ten_minutes_and_shows_at_most_120_points()
    {
        var history = new History(ConsoleOptions.HistoryPoints);
        for (var i = 0; i < 5_000; i++)
            history.Add(new HistoryPoint(s_start.AddSeconds(i), 100, 90, 80, 1, i));

        var points = history.Read();

        Assert.Equal(120, points.Count);
        Assert.Equal(s_start.AddSeconds(4_999), points[^1].At);
        Assert.Equal(4_999, points[^1].P99Ms);
        Assert.All(points, point => Assert.Equal(100, point.AckedPerS));
    }

    [Fact]
    public void Layout_places_every_node_and_lets_none_overlap()
    {
        var random = new Random(7);
        var nodes = Enumerable.Range(0, 60).Select(i => new GraphNode($"n{i}", random.Next(7), "", "", "", "", "")).ToList();
        var edges = Enumerable.Range(0, 90).Select(_ => new GraphEdge($"n{random.Next(60)}", $"n{random.Next(60)}", 0)).ToList();

        var graph = GraphLayout.Place(nodes, edges);

        Assert.Equal(60, graph.Nodes.Count);
        foreach (var column in graph.Nodes.GroupBy(node => node.Column))
        {
            var tops = column.Select(node => node.Top).Order().ToList();
            Assert.All(tops.Zip(tops.Skip(1)), pair => Assert.True(pair.Second - pair.First >= GraphLayout.NodeHeight));
        }

        Assert.All(graph.Nodes, node => Assert.InRange(node.Top, 0, graph.Height - GraphLayout.NodeHeight));
    }
}
