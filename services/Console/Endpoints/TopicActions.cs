using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Actions;
using RealTimeMesh.Console.Backends;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Changes of topics, groups, replays and plans. Who asks is told to the administration, which keeps the audit log.</summary>
internal static class TopicActions
{
    public static void Map(IEndpointRouteBuilder posts)
    {
        Post(posts, "/topics/new", "name", (_, form) => Forms.Given(form, "name") is { } name ? new("create topic", name, PathOf(name), HttpMethod.Post, "/v1/topics", Created(name, form)) : null);
        Post(posts, "/topics/{topic}/settings", "name and value or default", (topic, form) => Forms.Given(form, "name") is { } name
            ? new("alter settings", topic, PathOf(topic), HttpMethod.Patch, Api(topic, "/settings"), new Dictionary<string, string?> { [name] = form["default"] == "true" ? null : form["value"].ToString() })
            : null);
        Post(posts, "/topics/{topic}/partitions", "total", (topic, form) => Forms.Whole(form, "total") is { } total ? new("add partitions", topic, PathOf(topic), HttpMethod.Post, Api(topic, "/partitions"), new { total }) : null);
        Post(posts, "/topics/{topic}/delete", "nothing", (topic, _) => new("delete topic", topic, "/topics", HttpMethod.Delete, Api(topic, ""), null));
        Post(posts, "/topics/{topic}/replay", "to", (topic, form) => Forms.Given(form, "to") is { } to
            ? new("start replay", $"{topic} to {to}", PathOf(topic), HttpMethod.Post, "/v1/replays", Replay(topic, to, form)) { Next = "/replays/" }
            : null);
        Post(posts, "/groups/reset", "group and order", (_, form) => Forms.Given(form, "group") is { } group && Json(form, "order") is { } order
            ? new("move offsets", group, $"/groups/group?name={Uri.EscapeDataString(group)}", HttpMethod.Post, $"/v1/groups/{Uri.EscapeDataString(group)}/offsets", order)
            : null);
        foreach (var act in (string[])["pause", "resume", "cancel"])
            Post(posts, $"/replays/{{id}}/{act}", "nothing", (id, _) => new($"{act} replay", id, $"/replays/{Uri.EscapeDataString(id)}", HttpMethod.Post, $"/v1/replays/{Uri.EscapeDataString(id)}/{act}", new { }) { Next = "/replays/" });
        Post(posts, "/rebalancing", "by and tolerance", (_, form) => new("plan rebalancing", Forms.Given(form, "group") ?? "brokers", "/rebalancing", HttpMethod.Post, "/v1/rebalancings", Plan(form)) { Next = "/rebalancing/" });
        foreach (var act in (string[])["approve", "execute"])
            Post(posts, $"/rebalancing/{{id}}/{act}", "nothing", (id, _) => new($"{act} rebalancing", id, $"/rebalancing/{Uri.EscapeDataString(id)}", HttpMethod.Post, $"/v1/rebalancings/{Uri.EscapeDataString(id)}/{act}", new { }) { Next = "/rebalancing/" });
    }

    private static void Post(IEndpointRouteBuilder posts, string pattern, string expected, Func<string, IFormCollection, Wish?> wish) =>
        posts.MapPost(pattern, (HttpRequest request, ActionRunner runner, BackendList backends) => Forms.ActAsync(
            request,
            runner,
            form => backends.Topics is { } topics && wish((string?)request.RouteValues["topic"] ?? (string?)request.RouteValues["id"] ?? "", form) is { } wished
                ? new ActionOrder
                {
                    Kind = wished.Kind,
                    Subject = wished.Subject,
                    Back = wished.Back,
                    Section = "/topics",
                    Backend = topics,
                    Method = wished.Method,
                    Path = wished.Path,
                    Body = wished.Body,
                    Who = Forms.Who(form),
                    Next = wished.Next is { } next ? answer => answer.TryGetProperty("id", out var id) ? next + Uri.EscapeDataString(id.GetString() ?? "") : null : null,
                }
                : null,
            expected));

    private static object Created(string name, IFormCollection form) => new
    {
        name,
        partitions = Forms.Whole(form, "partitions"),
        replicas = Forms.Whole(form, "replicas"),
        settings = Lines(form, "settings").Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]),
    };

    private static object Replay(string from, string to, IFormCollection form) => new
    {
        from,
        to,
        fromOffset = Forms.Whole(form, "from_offset"),
        toOffset = Forms.Whole(form, "to_offset"),
        fromTime = Forms.Given(form, "since"),
        toTime = Forms.Given(form, "until"),
        contains = Forms.Given(form, "contains"),
        where = Lines(form, "where"),
        rate = Forms.Whole(form, "rate"),
        toPartitions = Forms.Whole(form, "partitions"),
        append = form["append"] == "true",
    };

    private static object Plan(IFormCollection form) => new
    {
        group = Forms.Given(form, "group"),
        topics = (Forms.Given(form, "topics") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        by = Forms.Given(form, "by") ?? "rate",
        tolerance = double.TryParse(form["tolerance"], System.Globalization.CultureInfo.InvariantCulture, out var tolerance) ? tolerance : 0.1,
        windowSeconds = Forms.Whole(form, "window") ?? 300,
    };

    private static string[] Lines(IFormCollection form, string name) => (Forms.Given(form, name, 10_000) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static JsonElement? Json(IFormCollection form, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(form[name].ToString());
        }
        catch (JsonException)
        {
            // No form of ours: the answer says what was expected.
            return null;
        }
    }

    private static string PathOf(string topic) => $"/topics/{Uri.EscapeDataString(topic)}";

    private static string Api(string topic, string rest) => $"/v1/topics/{Uri.EscapeDataString(topic)}{rest}";

    private sealed record Wish(string Kind, string Subject, string Back, HttpMethod Method, string Path, object? Body)
    {
        /// <summary>What stands before the id of the answer in the address of its page.</summary>
        public string? Next { get; init; }
    }
}
