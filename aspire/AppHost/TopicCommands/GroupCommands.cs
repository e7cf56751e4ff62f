using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.TopicCommands;

/// <summary>Groups, lag and positions.</summary>
internal static class GroupCommands
{
    public static IEnumerable<Command> All(TopicsCommand topics)
    {
        yield return Lag(topics);
        yield return Describe(topics);
        yield return Reset(topics);
    }

    private static Argument<string> Group() => new("GROUP") { Description = "Name of the group: the app's id, or its consumerID." };

    private static Command Lag(TopicsCommand topics)
    {
        var (search, json) = (new Option<string?>("--search") { Description = "Only names that contain TEXT.", HelpName = "TEXT" }, ManageCommands.AsJson());
        return topics.Command("groups", "Lists groups with their lag in events and in seconds, dead ones included.", [search, json], async (connection, result, cancellationToken) =>
            ManageCommands.Print(result.GetValue(json), await ManageCommands.EverythingAsync(connection, "/v1/groups", result.GetValue(search), cancellationToken), "group", "state", "members", "events", "seconds"));
    }

    private static Command Describe(TopicsCommand topics)
    {
        var (group, json) = (Group(), ManageCommands.AsJson());
        return topics.Command("lag", "Tells a group's members and its lag in each partition.", [group, json], async (connection, result, cancellationToken) =>
        {
            var found = await connection.GetAsync($"/v1/groups/{ManageCommands.Escape(result.GetValue(group)!)}", cancellationToken);
            if (result.GetValue(json))
            {
                JsonTable.Json(found);
                return;
            }

            JsonTable.Rows(found.GetProperty("members").EnumerateArray(), "id", "client", "host");
            foreach (var topic in found.GetProperty("lag").GetProperty("topics").EnumerateArray())
            {
                System.Console.Out.WriteLine(JsonTable.Text(topic.GetProperty("topic")));
                JsonTable.Rows(topic.GetProperty("partitions").EnumerateArray(), "partition", "committed", "high", "events", "seconds", "lost", "member");
            }
        });
    }

    private static Command Reset(TopicsCommand topics)
    {
        var group = Group();
        var topic = new Option<string>("--topic") { Description = "The topic.", HelpName = "TOPIC", Required = true };
        var to = new Option<string>("--to") { Description = "earliest, latest, offset:N, shift:N (negative: back) or a time in ISO 8601.", HelpName = "PLACE", Required = true };
        var partitions = new Option<int[]>("--partition") { Description = "Only this partition; repeat it for several.", HelpName = "N" };
        var yes = new Option<bool>("--yes") { Description = "Move the group; without this only what would happen is shown." };
        return topics.Command("reset", "Moves a group, after showing what that skips and repeats. Refused while it has live members.", [group, topic, to, partitions, yes], async (connection, result, cancellationToken) =>
        {
            var path = $"/v1/groups/{ManageCommands.Escape(result.GetValue(group)!)}/offsets";
            var plan = await connection.PostAsync($"{path}/preview", Request(result.GetValue(topic)!, result.GetValue(to)!, result.GetValue(partitions)), cancellationToken);
            JsonTable.Rows(plan.GetProperty("moves").EnumerateArray(), "partition", "from", "to", "skipped", "repeated", "note");
            System.Console.Out.WriteLine($"{plan.GetProperty("skipped")} events would never be read, {plan.GetProperty("repeated")} would be read again");
            if (!result.GetValue(yes) && JsonTable.Text(plan.GetProperty("blocked")) is { Length: > 0 } blocked)
                System.Console.Out.WriteLine(blocked);
            if (!result.GetValue(yes))
            {
                System.Console.Out.WriteLine("nothing was moved: add --yes");
                return;
            }

            await connection.PostAsync(path, plan, cancellationToken);
            System.Console.Out.WriteLine("moved");
        });
    }

    private static Dictionary<string, object> Request(string topic, string to, int[]? partitions)
    {
        var request = new Dictionary<string, object> { ["topic"] = topic };
        if (partitions is { Length: > 0 })
            request["partitions"] = partitions;
        switch (to.Split(':', 2))
        {
            case ["earliest" or "latest"]:
                request["to"] = to;
                break;
            case ["offset" or "shift", var text] when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                request["to"] = to.Split(':')[0];
                request[to.Split(':')[0]] = number;
                break;
            default:
                request["to"] = "time";
                request["time"] = DateTimeOffset.TryParse(to, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                    ? time
                    : throw new RealTimeMeshException($"--to: found '{to}'; expected earliest, latest, offset:N, shift:N or a time such as 2026-11-23T10:00:00Z.");
                break;
        }

        return request;
    }
}
