using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Pages;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>
/// The pages. Each is rendered whole by the server; the script reads the address it shows anew once a second and takes over what
/// changed. Filters and pages are links and forms: they work without the script too.
/// </summary>
internal static class PageEndpoints
{
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext context, string? pipeline) => Page<OverviewPage>(context, new { Pipeline = pipeline }));
        routes.MapGet("/views", (HttpContext context, string? pipeline, string? view, string? key, string? after) =>
            Page<ViewsPage>(context, new { Pipeline = pipeline, View = view, Key = key, After = after }));
        routes.MapGet("/tables", (HttpContext context, string? pipeline) => Page<TablesPage>(context, new { Pipeline = pipeline }));
        routes.MapGet("/tables/{pipeline}/{table}", (HttpContext context, string pipeline, string table, int? commits, string? version, string? timestamp) =>
            Page<TablePage>(context, new { Pipeline = pipeline, Table = table, Commits = commits ?? 20, Version = version, Timestamp = timestamp }));
        routes.MapGet("/tables/{pipeline}/{table}/changes", (HttpContext context, string pipeline, string table, string? from, string? to, long? offset) =>
            Page<ChangesPage>(context, new { Pipeline = pipeline, Table = table, From = from, To = to, Offset = offset ?? 0 }));
        routes.MapGet("/tables/{pipeline}/{table}/restore", (HttpContext context, string pipeline, string table, string? version, string? timestamp) =>
            Page<RestorePage>(context, new { Pipeline = pipeline, Table = table, Version = version, Timestamp = timestamp }));
        routes.MapGet("/tables/{pipeline}/{table}/maintenance", (HttpContext context, string pipeline, string table) => Page<TableMaintenancePage>(context, new { Pipeline = pipeline, Table = table }));
        routes.MapGet("/tables/{pipeline}/{table}/vacuum", (HttpContext context, string pipeline, string table, string? hours) =>
            Page<VacuumPage>(context, new { Pipeline = pipeline, Table = table, Hours = hours }));
        routes.MapGet("/tables/{pipeline}/{table}/optimize", (HttpContext context, string pipeline, string table, string? where, string? z_order) =>
            Page<OptimizePage>(context, new { Pipeline = pipeline, Table = table, Where = where, ZOrder = z_order }));
        routes.MapGet("/maintenance", (HttpContext context, long? before, long? log, bool? all) => Page<MaintenancePage>(context, new { Before = before, Log = log, All = all ?? false }));
        routes.MapGet("/actions/{id}", (HttpContext context, string id) => Page<ActionPage>(context, new { Id = id }));
        LetterPages.Map(routes);
        TopicPages.Map(routes);
        ContractPages.Map(routes);
        routes.MapGet("/sources", (HttpContext context, string? search, int? page) => Page<SourcesPage>(context, new { Search = search, Page = page ?? 1 }));
        routes.MapGet("/audit", (HttpContext context, string? log, long? before) => Page<AuditPage>(context, new { Log = log, Before = before }));
        routes.MapGet("/apps", (HttpContext context) => Page<AppsPage>(context, new { }));
        routes.MapFallback((HttpContext context) => Page<MissingPage>(context, new { Path = context.Request.Path.ToString() }, StatusCodes.Status404NotFound));
    }

    public static RazorComponentResult<T> Page<T>(HttpContext context, object parameters, int status = StatusCodes.Status200OK)
        where T : IComponent
    {
        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<T>(parameters) { StatusCode = status, PreventStreamingRendering = true };
    }
}
