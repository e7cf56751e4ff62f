using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Actions;
using RealTimeMesh.Console.Security;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>What the forms of the pages post: changes of tables, and the end of one that is under way.</summary>
internal static class ActionEndpoints
{
    private const int MaxText = 500;

    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var posts = routes.MapGroup("").AddEndpointFilter<SameOrigin>();
        posts.MapPost("/tables/{pipeline}/{table}/{kind}", StartAsync);
        posts.MapPost("/actions/{id}/cancel", Cancel);
    }

    private static async Task<IResult> StartAsync(string pipeline, string table, string kind, HttpRequest request, ActionRunner runner)
    {
        if (!runner.IsAllowed)
            return Text(StatusCodes.Status403Forbidden, "Tables cannot be changed from this console: it listens beyond this machine, or MESH_CONSOLE_ACTIONS is off. Set MESH_CONSOLE_ACTIONS=on to allow it.");
        if (!request.HasFormContentType)
            return Text(StatusCodes.Status415UnsupportedMediaType, "Found another body; expected a form.");
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        object? body = kind switch
        {
            "restore" when Whole(form, "version") is { } version && Whole(form, "expected_version") is { } expected => new RestoreBody(version, expected, form["ignore_missing_files"] == "true", Given(form, "reason")),
            "optimize" => new OptimizeBody(Given(form, "where"), Given(form, "z_order")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
            "vacuum" => new VacuumBody(Whole(form, "retention_hours")),
            "checkpoint" => new Nothing(),
            _ => null,
        };
        if (body is null)
            return Text(StatusCodes.Status400BadRequest, $"Found '{kind}' with fields {string.Join(", ", form.Keys)}; expected restore with version and expected_version, optimize, vacuum or checkpoint.");
        var who = Given(form, "who") is { } name ? $"{name} (console)" : "console";
        return runner.Start(kind, pipeline, table, body, who) is { } action
            ? Results.Redirect($"/actions/{action.Id}", permanent: false, preserveMethod: false)
            : Text(StatusCodes.Status503ServiceUnavailable, "Too much is under way already; wait until something has ended.");
    }

    private static IResult Cancel(string id, ActionRunner runner)
    {
        runner.Find(id)?.Cancel();
        return Results.Redirect($"/actions/{Uri.EscapeDataString(id)}", permanent: false, preserveMethod: false);
    }

    private static long? Whole(IFormCollection form, string name) => long.TryParse(form[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Given(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } text ? text[..Math.Min(text.Length, MaxText)] : null;

    private static IResult Text(int status, string text) => Results.Text(text, "text/plain; charset=utf-8", statusCode: status);

    internal sealed record RestoreBody(
        [property: JsonPropertyName("version")] long Version, [property: JsonPropertyName("expected_version")] long ExpectedVersion,
        [property: JsonPropertyName("ignore_missing_files")] bool IgnoreMissingFiles, [property: JsonPropertyName("reason")] string? Reason, [property: JsonPropertyName("dry_run")] bool DryRun = false);

    internal sealed record OptimizeBody([property: JsonPropertyName("where")] string? Where, [property: JsonPropertyName("z_order")] IReadOnlyList<string>? ZOrder, [property: JsonPropertyName("dry_run")] bool DryRun = false);

    internal sealed record VacuumBody([property: JsonPropertyName("retention_hours")] long? RetentionHours, [property: JsonPropertyName("dry_run")] bool DryRun = false);

    internal sealed record Nothing;
}
