using System.CommandLine;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.TopicCommands;

/// <summary>Topics, settings and partitions.</summary>
internal static class ManageCommands
{
    public static IEnumerable<Command> All(TopicsCommand topics)
    {
        yield return List(topics);
        yield return Describe(topics);
        yield return Create(topics);
        yield return Delete(topics);
        yield return Set(topics);
        yield return Grow(topics);
        yield return Audit(topics);
    }

    public static string Escape(string name) => Uri.EscapeDataString(name);

    public static Argument<string> Topic() => new("TOPIC") { Description = "Name of the topic." };

    public static Option<bool> AsJson() => new("--json") { Description = "Print the answer as JSON." };

    private static Command List(TopicsCommand topics)
    {
        var (search, json) = (new Option<string?>("--search") { Description = "Only names that contain TEXT.", HelpName = "TEXT" }, AsJson());
        return topics.Command("ls", "Lists topics with partitions, records and size.", [search, json], async (connection, result, cancellationToken) =>
            Print(result.GetValue(json), await EverythingAsync(connection, "/v1/topics", result.GetValue(search), cancellationToken), "name", "partitions", "replicas", "records", "bytes", "leaderless", "underReplicated"));
    }

    private static Command Describe(TopicsCommand topics)
    {
        var (topic, json) = (Topic(), AsJson());
        return topics.Command("describe", "Tells a topic's partitions and settings.", [topic, json], async (connection, result, cancellationToken) =>
        {
            var found = await connection.GetAsync($"/v1/topics/{Escape(result.GetValue(topic)!)}", cancellationToken);
            if (result.GetValue(json))
            {
                JsonTable.Json(found);
                return;
            }

            JsonTable.Rows(found.GetProperty("partitions").EnumerateArray(), "index", "low", "high", "records", "bytes", "leader", "replicas", "inSync");
            JsonTable.Rows(found.GetProperty("settings").EnumerateArray(), "name", "value", "isDefault");
            if (JsonTable.Text(found.GetProperty("settingsNote")) is { Length: > 0 } note)
                System.Console.Error.WriteLine($"note: {note}");
        });
    }

    private static Command Create(TopicsCommand topics)
    {
        var topic = Topic();
        var partitions = new Option<int?>("--partitions") { Description = "Default: the broker's.", HelpName = "N" };
        var replicas = new Option<int?>("--replicas") { Description = "Default: the broker's.", HelpName = "N" };
        var settings = Settings();
        return topics.Command("create", "Creates a topic.", [topic, partitions, replicas, settings], async (connection, result, cancellationToken) => JsonTable.Json(await connection.PostAsync(
            "/v1/topics", new { name = result.GetValue(topic), partitions = result.GetValue(partitions), replicas = result.GetValue(replicas), settings = Pairs(result.GetValue(settings)) }, cancellationToken)));
    }

    private static Command Delete(TopicsCommand topics)
    {
        var topic = Topic();
        var yes = new Option<bool>("--yes") { Description = "Delete it; without this only what would go is told." };
        return topics.Command("delete", "Deletes a topic with its records and the positions of its groups.", [topic, yes], async (connection, result, cancellationToken) =>
        {
            var path = $"/v1/topics/{Escape(result.GetValue(topic)!)}";
            JsonTable.Rows([(await connection.GetAsync(path, cancellationToken)).GetProperty("summary")], "name", "partitions", "records", "bytes");
            if (result.GetValue(yes))
                await connection.SendAsync(HttpMethod.Delete, path, null, cancellationToken);
            System.Console.Out.WriteLine(result.GetValue(yes) ? "deleted" : "nothing was deleted: add --yes");
        });
    }

    private static Command Set(TopicsCommand topics)
    {
        var (topic, settings) = (Topic(), Settings());
        return topics.Command("set", "Changes settings; NAME= takes one back to its default.", [topic, settings], async (connection, result, cancellationToken) => JsonTable.Rows(
            (await connection.SendAsync(HttpMethod.Patch, $"/v1/topics/{Escape(result.GetValue(topic)!)}/settings", Pairs(result.GetValue(settings)).ToDictionary(pair => pair.Key, pair => pair.Value.Length == 0 ? null : pair.Value), cancellationToken)).EnumerateArray(),
            "name",
            "value",
            "isDefault"));
    }

    private static Command Grow(TopicsCommand topics)
    {
        var (topic, total) = (Topic(), new Argument<int>("TOTAL") { Description = "How many it shall have." });
        return topics.Command("add-partitions", "Grows a topic.", [topic, total], async (connection, result, cancellationToken) =>
            JsonTable.Json(await connection.PostAsync($"/v1/topics/{Escape(result.GetValue(topic)!)}/partitions", new { total = result.GetValue(total) }, cancellationToken)));
    }

    private static Command Audit(TopicsCommand topics)
    {
        var json = AsJson();
        return topics.Command("audit", "Tells who changed what by hand, newest first.", [json], async (connection, result, cancellationToken) =>
            Print(result.GetValue(json), await connection.GetAsync("/v1/audit?limit=100", cancellationToken), "at", "who", "what", "thing", "stage"));
    }

    internal static void Print(bool json, JsonElement items, params string[] columns)
    {
        if (json)
            JsonTable.Json(items);
        else
            JsonTable.Rows(items.EnumerateArray(), columns);
    }

    /// <summary>All pages of a list.</summary>
    internal static async Task<JsonElement> EverythingAsync(TopicsConnection connection, string path, string? search, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        string? after = null;
        do
        {
            var page = await connection.GetAsync($"{path}?limit=200&search={Escape(search ?? "")}{(after is null ? "" : $"&after={Escape(after)}")}", cancellationToken);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);
        return JsonSerializer.SerializeToElement(items);
    }

    private static Option<string[]> Settings() => new("--set") { Description = "A setting, by Kafka's name; repeat it for several.", HelpName = "NAME=VALUE" };

    private static Dictionary<string, string> Pairs(string[]? texts) => (texts ?? []).Select(text => text.IndexOf('=') is > 0 and var at
        ? (Name: text[..at], Value: text[(at + 1)..])
        : throw new RealTimeMeshException($"--set: found '{text}'; expected NAME=VALUE, such as retention.ms=86400000.")).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
}
