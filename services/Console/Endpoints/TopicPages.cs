using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Pages.Topics;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Pages of topics, groups, replays, plans and sizes.</summary>
internal static class TopicPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/topics", (HttpContext context, string? search, string? after) => PageEndpoints.Page<TopicsPage>(context, new { Search = search, After = after }));
        routes.MapGet("/topics/new", (HttpContext context) => PageEndpoints.Page<NewTopicPage>(context, new { }));
        routes.MapGet("/topics/{topic}", (HttpContext context, string topic) => PageEndpoints.Page<TopicPage>(context, new { Topic = topic }));
        routes.MapGet("/topics/{topic}/messages", (HttpContext context, string topic) => PageEndpoints.Page<MessagesPage>(context, new { Topic = topic, Given = context.Request.Query }));
        routes.MapGet("/topics/{topic}/heat", (HttpContext context, string topic, string? window) => PageEndpoints.Page<HeatPage>(context, new { Topic = topic, Window = window }));
        routes.MapGet("/topics/{topic}/settings", (HttpContext context, string topic, string? name, string? value) => PageEndpoints.Page<TopicSettingsPage>(context, new { Topic = topic, Name = name, Value = value }));
        routes.MapGet("/topics/{topic}/replay", (HttpContext context, string topic) => PageEndpoints.Page<NewReplayPage>(context, new { Topic = topic }));
        routes.MapGet("/groups", (HttpContext context, string? search, string? after) => PageEndpoints.Page<GroupsPage>(context, new { Search = search, After = after }));
        routes.MapGet("/groups/group", (HttpContext context, string name) => PageEndpoints.Page<GroupPage>(context, new { Name = name }));
        routes.MapGet("/groups/reset", (HttpContext context, string name, string? topic, string? to, string? value) => PageEndpoints.Page<ResetPage>(context, new { Name = name, Topic = topic, To = to, Value = value }));
        routes.MapGet("/replays", (HttpContext context, int? page) => PageEndpoints.Page<ReplaysPage>(context, new { Page = page ?? 1 }));
        routes.MapGet("/replays/{id}", (HttpContext context, string id) => PageEndpoints.Page<ReplayPage>(context, new { Id = id }));
        routes.MapGet("/rebalancing", (HttpContext context, string? group) => PageEndpoints.Page<RebalancingPage>(context, new { Group = group }));
        routes.MapGet("/rebalancing/{id}", (HttpContext context, string id) => PageEndpoints.Page<PlanPage>(context, new { Id = id }));
        routes.MapGet("/sizing", (HttpContext context) => PageEndpoints.Page<SizingPage>(context, new { Given = context.Request.Query }));
    }
}
