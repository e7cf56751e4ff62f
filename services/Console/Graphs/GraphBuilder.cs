using RealTimeMesh.Console.Formatting;
using RealTimeMesh.Console.Snapshots;

namespace RealTimeMesh.Console.Graphs;

/// <summary>Draws a pipeline: sources, front door, topic, then views, bronze, silver, gold, warehouse and the dead letters.</summary>
internal static class GraphBuilder
{
    private const int Sources = 0, Door = 1, Topic = 2, Sinks = 3;

    public static PipelineGraph Build(PipelineSnapshot pipeline, DateTimeOffset now)
    {
        List<GraphNode> nodes = [];
        List<GraphEdge> edges = [];
        foreach (var stream in pipeline.Streams)
            AddStream(pipeline, stream, now, nodes, edges);
        AddDeadLetters(pipeline, nodes, edges);
        AddTables(pipeline, now, nodes, edges);
        return GraphLayout.Place(nodes, edges);
    }

    /// <summary>Four speeds are enough to tell more from less, and a steady class keeps the animation from jumping.</summary>
    public static int FlowOf(double perSecond) => perSecond switch
    {
        < 0.05 => 0,
        < 100 => 1,
        < 2_500 => 2,
        < 20_000 => 3,
        _ => 4,
    };

    private static void AddStream(PipelineSnapshot pipeline, StreamSnapshot stream, DateTimeOffset now, List<GraphNode> nodes, List<GraphEdge> edges)
    {
        string door = $"door/{stream.Name}", topic = $"topic/{stream.Name}";
        foreach (var source in pipeline.Sources.Where(source => source.Stream == stream.Name))
        {
            var id = $"source/{source.Name}";
            nodes.Add(new GraphNode(id, Sources, source.Kind, source.Name,
                source.Error is not null ? "stopped" : source.Done ? "all read" : source.PerS > 0 ? Show.Rate(source.PerS) : "waiting",
                source.Total is { } total ? $"{Show.Compact(source.Position)} of {Show.Compact(total)}" : $"{Show.Compact(source.Position)} rows", "/apps#sources")
            {
                Tone = source.Error is not null ? "bad" : source.PerS > 0 ? "active" : source.Done ? "ok" : "idle",
                Progress = source.Total is > 0 and var all ? Math.Clamp((double)source.Position / all, 0, 1) : null,
            });
            edges.Add(new GraphEdge(id, door, FlowOf(source.PerS)));
        }

        nodes.Add(Counted(door, Door, "front door", stream.Name, stream.Rates.Acked, stream.Ledger.Acked, "acked", "/apps"));
        nodes.Add(Counted(topic, Topic, "topic", stream.Topic, stream.Rates.Acked - stream.Rates.DeadLettered, stream.Accepted, "accepted", "/views"));
        edges.Add(new GraphEdge(door, topic, FlowOf(stream.Rates.Acked)));
        foreach (var view in pipeline.Views.Where(view => view.From.Contains(stream.Name)))
        {
            var id = $"view/{view.Name}";
            edges.Add(new GraphEdge(topic, id, FlowOf(stream.Rates.Applied)));
            if (view.From[0] != stream.Name)
                continue;
            nodes.Add(new GraphNode(id, Sinks, $"view · {view.Window}", view.Name, Show.Rate(stream.Rates.Applied), Show.Plural(view.Windows, "window", "windows"), $"/views?pipeline={pipeline.Name}&view={view.Name}")
            {
                Tone = stream.Rates.Applied > 0 ? "active" : "ok",
            });
        }

        foreach (var table in pipeline.Tables.Where(table => table.Declared && table.Reads.Contains($"stream {stream.Name}")))
            edges.Add(new GraphEdge(topic, $"table/{table.Name}", FlowOf(stream.Rates.Stored)));
        foreach (var table in pipeline.Tables.Where(table => table.Declared && table.Reads.Contains($"stream {stream.Name}")))
            nodes.Add(TableNode(pipeline, table, Sinks, now));
    }

    private static void AddDeadLetters(PipelineSnapshot pipeline, List<GraphNode> nodes, List<GraphEdge> edges)
    {
        var rejected = pipeline.Streams.Sum(stream => stream.Ledger.DeadLettered);
        nodes.Add(new GraphNode("dead", Sinks, "dead letters", "dead_letters", Show.Count(rejected), pipeline.DeadLetters.Groups.Count == 0 ? "nothing rejected" : Show.Plural(pipeline.DeadLetters.Groups.Count, "rule", "rules"), $"/dead-letters?pipeline={pipeline.Name}")
        {
            Tone = rejected > 0 ? "warn" : "idle",
        });
        foreach (var stream in pipeline.Streams)
            edges.Add(new GraphEdge($"door/{stream.Name}", "dead", FlowOf(stream.Rates.DeadLettered), IsReject: true));
    }

    private static void AddTables(PipelineSnapshot pipeline, DateTimeOffset now, List<GraphNode> nodes, List<GraphEdge> edges)
    {
        var depth = pipeline.Tables.Where(table => nodes.Exists(node => node.Id == $"table/{table.Name}")).ToDictionary(table => table.Name, _ => Sinks, StringComparer.Ordinal);
        foreach (var table in pipeline.Tables.Where(table => table.Declared && !depth.ContainsKey(table.Name)))
        {
            var inputs = table.Reads.Where(depth.ContainsKey).ToList();
            var column = inputs.Count == 0 ? Sinks + 1 : inputs.Max(name => depth[name]) + 1;
            depth[table.Name] = column;
            nodes.Add(TableNode(pipeline, table, column, now));
            foreach (var input in inputs)
                edges.Add(new GraphEdge($"table/{input}", $"table/{table.Name}", MovedLately(table, now) ? 2 : 0));
        }

        var last = depth.Count == 0 ? Sinks : depth.Values.Max();
        foreach (var load in pipeline.Warehouse)
        {
            var table = pipeline.Tables.FirstOrDefault(item => item.Name == load.Table);
            nodes.Add(new GraphNode($"load/{load.To}", last + 1, "warehouse", load.To, load.Rows is { } rows ? $"{Show.Compact(rows)} rows" : "not loaded", load.Version is { } version ? $"from v{version}" : "waits for gold", "/tables")
            {
                Tone = load.Error is not null ? "bad" : load.Rows is null ? "idle" : "ok",
            });
            edges.Add(new GraphEdge($"table/{load.Table}", $"load/{load.To}", table is not null && load.Version is not null && MovedLately(table, now) ? 2 : 0));
        }
    }

    private static bool MovedLately(TableSnapshot table, DateTimeOffset now) => table.LastCommit is { } then && now - then < TimeSpan.FromSeconds(10);

    private static GraphNode TableNode(PipelineSnapshot pipeline, TableSnapshot table, int column, DateTimeOffset now) =>
        new($"table/{table.Name}", column, $"{table.Layer} · delta", table.Name, table.Exists ? $"{Show.Compact(table.Rows)} rows" : "not built yet",
            table.Exists ? $"v{table.Version} · {Show.Ago(table.LastCommit, now)}" : "waits for rows", $"/tables/{pipeline.Name}/{table.Name}")
        {
            Tone = table.Error is not null ? "bad" : !table.Exists ? "idle" : MovedLately(table, now) ? "active" : "ok",
        };

    private static GraphNode Counted(string id, int column, string kind, string title, double rate, long count, string word, string href) =>
        new(id, column, kind, title, Show.Rate(Math.Max(0, rate)), $"{Show.Compact(count)} {word}", href) { Tone = rate > 0 ? "active" : count > 0 ? "ok" : "idle" };
}
