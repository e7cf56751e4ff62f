using System.CommandLine;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.TopicCommands;

/// <summary>Searching and replaying messages.</summary>
internal static class MessageCommands
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    public static IEnumerable<Command> All(TopicsCommand topics)
    {
        yield return Browse(topics);
        yield return Replay(topics);
        yield return Replays(topics);
        foreach (var action in (string[])["pause", "resume", "cancel"])
            yield return Act(topics, action);
    }

    private static Command Browse(TopicsCommand topics)
    {
        var topic = ManageCommands.Topic();
        (Option<string[]> Option, string Parameter)[] parameters =
        [
            (Text("--partition", "N", "Only this partition; repeat it for several."), "partition"), (Text("--from", "OFFSET", "Begin at this offset."), "from"), (Text("--to", "OFFSET", "End before this offset."), "to"),
            (Text("--since", "TIME", "Begin with the first record stored then."), "since"), (Text("--until", "TIME", "End before the first record stored then."), "until"), (Text("--last", "N", "The newest N of each partition."), "last"),
            (Text("--contains", "TEXT", "Only records with this text in key, value or headers."), "contains"), (Text("--where", "COMPARISON", "Only records for which this holds, such as 'price > 10', 'key = AAPL', 'header.ce_type = trade'; repeat it for several."), "where"),
            (Text("--decode", "FORMAT", "auto, avro, json, text or bytes. Default: auto."), "decode"), (Text("--limit", "N", "Most messages to show. Default: 100."), "limit"),
            (Text("--scan", "N", "Most records to look at. Default: 1000000."), "scan"), (Text("--seconds", "N", "Most time to look. Default: 60."), "seconds"),
        ];
        var follow = new Option<bool>("--follow") { Description = "Go on with what is stored from now on, after the newest --last N; Ctrl+C ends it." };
        return topics.Command("browse", "Shows messages, decoded, as they are found: one JSON object a line, the last one says how far it came. Ctrl+C ends the search.", [topic, .. parameters.Select(parameter => parameter.Option), follow], async (connection, result, cancellationToken) =>
        {
            var query = new StringBuilder();
            foreach (var (option, parameter) in parameters)
            {
                foreach (var value in result.GetValue(option) ?? [])
                    query.Append(query.Length == 0 ? '?' : '&').Append(parameter).Append('=').Append(Uri.EscapeDataString(value));
            }

            if (result.GetValue(follow))
                query.Append(query.Length == 0 ? '?' : '&').Append("follow=true");
            await foreach (var line in connection.LinesAsync($"/v1/topics/{ManageCommands.Escape(result.GetValue(topic)!)}/messages{query}", cancellationToken))
            {
                // What is not a message is for whoever looks on, not for the next program of a pipe.
                (line.StartsWith("""{"type":"message""", StringComparison.Ordinal) ? System.Console.Out : System.Console.Error).WriteLine(line);
                if (line.StartsWith("""{"type":"error""", StringComparison.Ordinal))
                    throw new RealTimeMeshException(JsonDocument.Parse(line).RootElement.GetProperty("error").GetString()!);
            }
        });
    }

    private static Command Replay(TopicsCommand topics)
    {
        var (from, to) = (new Argument<string>("FROM") { Description = "The topic to read." }, new Argument<string>("TO") { Description = "The topic to write; it is created." });
        var (fromOffset, toOffset) = (new Option<long?>("--from-offset") { HelpName = "OFFSET" }, new Option<long?>("--to-offset") { HelpName = "OFFSET" });
        var (since, until) = (new Option<DateTimeOffset?>("--since") { HelpName = "TIME" }, new Option<DateTimeOffset?>("--until") { HelpName = "TIME" });
        var (contains, where) = (new Option<string?>("--contains") { HelpName = "TEXT" }, new Option<string[]>("--where") { HelpName = "COMPARISON" });
        var partitions = new Option<int[]>("--partition") { HelpName = "N" };
        var rate = new Option<int?>("--rate") { Description = "Most records a second.", HelpName = "N" };
        var count = new Option<int?>("--partitions") { Description = "Partitions of the new topic. Default: as many as the old one.", HelpName = "N" };
        var append = new Option<bool>("--append") { Description = "Write to a topic that holds records already." };
        return topics.Command("replay", "Writes records again, to another topic: with keys, headers and the order of each key. Resumable.", [from, to, partitions, fromOffset, toOffset, since, until, contains, where, rate, count, append], async (connection, result, cancellationToken) =>
        {
            var replay = await connection.PostAsync(
                "/v1/replays",
                new
                {
                    from = result.GetValue(from),
                    to = result.GetValue(to),
                    partitions = result.GetValue(partitions) ?? [],
                    fromOffset = result.GetValue(fromOffset),
                    toOffset = result.GetValue(toOffset),
                    fromTime = result.GetValue(since),
                    toTime = result.GetValue(until),
                    contains = result.GetValue(contains),
                    where = result.GetValue(where) ?? [],
                    rate = result.GetValue(rate),
                    toPartitions = result.GetValue(count),
                    append = result.GetValue(append),
                },
                cancellationToken);
            await FollowAsync(topics, connection, JsonTable.Text(replay.GetProperty("id")), cancellationToken);
        });
    }

    private static Command Replays(TopicsCommand topics)
    {
        var (limit, before, json) = (new Option<int>("--limit") { Description = "Most replays. Default: 50.", HelpName = "N", DefaultValueFactory = _ => 50 }, new Option<string?>("--before") { Description = "Only replays started before this one.", HelpName = "ID" }, ManageCommands.AsJson());
        return topics.Command("replays", "Lists replays, newest first.", [limit, before, json], async (connection, result, cancellationToken) =>
        {
            var older = result.GetValue(before) is { } id ? $"&before={ManageCommands.Escape(id)}" : "";
            ManageCommands.Print(result.GetValue(json), await connection.GetAsync($"/v1/replays?limit={result.GetValue(limit)}{older}", cancellationToken), "id", "state", "progress", "read", "written", "filtered", "fault", "started");
        });
    }

    private static Command Act(TopicsCommand topics, string action)
    {
        var id = new Argument<string>("ID") { Description = "The replay's id." };
        return topics.Command($"replay-{action}", action switch { "pause" => "Stops a replay, to be resumed.", "resume" => "Goes on with a paused or failed replay.", _ => "Stops a replay for good." }, [id], async (connection, result, cancellationToken) =>
        {
            await connection.PostAsync($"/v1/replays/{ManageCommands.Escape(result.GetValue(id)!)}/{action}", null, cancellationToken);
            if (action == "resume")
                await FollowAsync(topics, connection, result.GetValue(id)!, cancellationToken);
        });
    }

    /// <summary>Tells how a replay goes until it ends. One that this process runs ends with it, as paused; a mesh goes on with its own.</summary>
    private static async Task FollowAsync(TopicsCommand topics, TopicsConnection connection, string id, CancellationToken cancellationToken)
    {
        System.Console.Error.WriteLine($"replay {id}; Ctrl+C {(connection.IsOwn ? "pauses it" : "leaves it running in the mesh")}");
        while (true)
        {
            var replay = await connection.GetAsync($"/v1/replays/{id}", cancellationToken);
            System.Console.Error.WriteLine($"{replay.GetProperty("progress").GetDouble():P0}, {replay.GetProperty("read")} read, {replay.GetProperty("written")} written");
            if (replay.GetProperty("state").GetString() is not "running" and var state)
            {
                JsonTable.Rows([replay], "id", "state", "read", "written", "filtered", "undecoded");
                if (state == "failed")
                    throw new RealTimeMeshException(JsonTable.Text(replay.GetProperty("fault")));
                return;
            }

            await Task.Delay(Poll, topics.Time, cancellationToken);
        }
    }

    private static Option<string[]> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };
}
