using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Actions;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Formatting;
using RealTimeMesh.Console.Security;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>What the forms of the pages post: changes of tables, and the end of something that is under way.</summary>
internal static class ActionEndpoints
{
    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var posts = routes.MapGroup("").AddEndpointFilter<SameOrigin>();
        posts.MapPost("/tables/{pipeline}/{table}/{kind}", (string pipeline, string table, string kind, HttpRequest request, ActionRunner runner, BackendList backends) =>
            Forms.ActAsync(request, runner, form => Table(pipeline, table, kind, form, backends), "restore with version and expected_version, optimize, vacuum or checkpoint"));
        posts.MapPost("/actions/{id}/cancel", Cancel);
        TopicActions.Map(posts);
        ContractActions.Map(posts);
        LetterActions.Map(posts);
    }

    /// <summary>Address of what the lakehouse is asked for.</summary>
    public static string PathOf(string kind, string pipeline, string table) => $"/v1/tables/{Uri.EscapeDataString(pipeline)}/{Uri.EscapeDataString(table)}/{kind}";

    private static ActionOrder? Table(string pipeline, string table, string kind, IFormCollection form, BackendList backends)
    {
        object? body = kind switch
        {
            "restore" when Forms.Whole(form, "version") is >= 0 and var version && Forms.Whole(form, "expected_version") is { } expected => new RestoreBody(version, expected, form["ignore_missing_files"] == "true", Forms.Given(form, "reason")),
            "optimize" => new OptimizeBody(Forms.Given(form, "where"), Forms.Given(form, "z_order")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
            "vacuum" => new VacuumBody(Forms.Whole(form, "retention_hours")),
            "checkpoint" => new Nothing(),
            _ => null,
        };
        return body is null ? null : new ActionOrder
        {
            Kind = kind,
            Subject = $"{pipeline}.{table}",
            Back = Show.TablePath(pipeline, table, ""),
            Section = "/maintenance",
            Backend = backends.Lakehouse,
            Method = HttpMethod.Post,
            Path = PathOf(kind, pipeline, table),
            Body = body,
            Who = Forms.Who(form),
        };
    }

    private static IResult Cancel(string id, ActionRunner runner)
    {
        runner.Find(id)?.Cancel();
        return Results.Redirect($"/actions/{Uri.EscapeDataString(id)}", permanent: false, preserveMethod: false);
    }

    internal sealed record RestoreBody(
        [property: JsonPropertyName("version")] long Version, [property: JsonPropertyName("expected_version")] long ExpectedVersion,
        [property: JsonPropertyName("ignore_missing_files")] bool IgnoreMissingFiles, [property: JsonPropertyName("reason")] string? Reason, [property: JsonPropertyName("dry_run")] bool DryRun = false);

    internal sealed record OptimizeBody([property: JsonPropertyName("where")] string? Where, [property: JsonPropertyName("z_order")] IReadOnlyList<string>? ZOrder, [property: JsonPropertyName("dry_run")] bool DryRun = false);

    internal sealed record VacuumBody([property: JsonPropertyName("retention_hours")] long? RetentionHours, [property: JsonPropertyName("dry_run")] bool DryRun = false);

    internal sealed record Nothing;
}
