using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Letters;
using RealTimeMesh.Console.Pages;
using RealTimeMesh.Console.Pages.Letters;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Pages of dead letters: those that are collected, or the lakehouse's copy where nothing collects them.</summary>
internal static class LetterPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/dead-letters", Groups);
        var pages = routes.MapGroup("/dead-letters").AddEndpointFilter(static async (context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<BackendList>().Letters is not null ? await next(context) : Results.Redirect("/dead-letters"));
        pages.MapGet("/letters", (HttpContext context, string? after) => PageEndpoints.Page<LettersPage>(context, new { Filter = LetterFilter.From(context.Request.Query), After = after }));
        pages.MapGet("/letter", (HttpContext context, string id) => PageEndpoints.Page<LetterPage>(context, new { Id = id }));
        foreach (var kind in LetterWork.Kinds)
            pages.MapGet($"/{kind}", (HttpContext context) => PageEndpoints.Page<LetterWorkPage>(context, new { Work = LetterWork.From(kind, context.Request.Query) }));
        pages.MapGet("/jobs", (HttpContext context, string? before) => PageEndpoints.Page<LetterJobsPage>(context, new { Before = before }));
        pages.MapGet("/jobs/{id}", (HttpContext context, string id) => PageEndpoints.Page<LetterJobPage>(context, new { Id = id }));
        pages.MapGet("/alerts", (HttpContext context) => PageEndpoints.Page<LetterAlertsPage>(context, new { }));
    }

    private static IResult Groups(HttpContext context, BackendList backends, string? pipeline, string? rule, string? before, int? page, string? search, string? state, string? sort, string? after) => backends.Letters is null
        ? PageEndpoints.Page<DeadLettersPage>(context, new { Pipeline = pipeline, Rule = rule, Before = before, Page = page ?? 1 })
        : PageEndpoints.Page<LetterGroupsPage>(context, new { Search = string.IsNullOrWhiteSpace(search) && !string.IsNullOrEmpty(pipeline) ? pipeline + "." : search, State = state, Sort = sort, After = after });
}
