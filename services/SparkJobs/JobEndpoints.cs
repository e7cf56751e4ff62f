using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.SparkJobs.Builds;

namespace RealTimeMesh.SparkJobs;

/// <summary>HTTP doors of the job service.</summary>
internal static class JobEndpoints
{
    public const string CommitsTopic = "lakehouse.commits";

    public static void MapJobs(this WebApplication app, MeshSettings settings)
    {
        app.MapPost("/v1/builds/drain", DrainAsync);
        app.MapPost("/v1/builds", BuildAsync);
        app.MapGet("/v1/builds", Builds);
        app.MapGet("/v1/tables", Tables);
        app.MapPost($"/topics/{CommitsTopic}", CommittedAsync).WithTopic(settings.PubSubName, CommitsTopic);
    }

    private static async Task<IResult> DrainAsync(JobRunner runner, string? pipeline, CancellationToken cancellationToken)
    {
        if (Unknown(runner, pipeline) is { } unknown)
            return unknown;
        var report = await runner.DrainAsync(pipeline, cancellationToken);
        // A drain that could not finish is no success, but what was done is still told.
        return TypedResults.Json(report, statusCode: report.Errors.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError);
    }

    private static async Task<IResult> BuildAsync(JobRunner runner, string? pipeline, string? table, CancellationToken cancellationToken)
    {
        if (Unknown(runner, pipeline ?? "") is { } unknown)
            return unknown;
        var definition = runner.Pipelines.First(candidate => candidate.Name == pipeline);
        var found = definition.Tables.FirstOrDefault(candidate => candidate.Name == table && candidate.Sql is not null);
        if (found is null)
            return Error(StatusCodes.Status404NotFound, $"table '{table}': expected one of {string.Join(", ", definition.Tables.Where(candidate => candidate.Sql is not null).Select(candidate => candidate.Name))}.");
        var record = await runner.BuildAsync(definition, found, cancellationToken);
        return TypedResults.Json(record, statusCode: record.Error is null ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError);
    }

    private static Ok<BuildList> Builds(BuildBoard board, int limit = 50) => TypedResults.Ok(new BuildList(board.History(Math.Clamp(limit, 1, 500))));

    private static Ok<DrainReport> Tables(JobRunner runner, string? pipeline) => TypedResults.Ok(runner.Report(pipeline));

    private static async Task<Ok> CommittedAsync(HttpRequest request, BuildScheduler scheduler, JobRunner runner, ILogger<BuildScheduler> log)
    {
        using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
        var root = body.RootElement;
        // The sidecar delivers a CloudEvent; its data is the notice.
        var notice = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out var data) ? data : root;
        var pipeline = notice.ValueKind == JsonValueKind.Object && notice.TryGetProperty("pipeline", out var name) ? name.GetString() ?? "" : "";
        if (runner.Pipelines.Any(candidate => candidate.Name == pipeline))
            scheduler.Notify(pipeline);
        else
            Log.UnknownPipeline(log, pipeline);
        return TypedResults.Ok();
    }

    private static JsonHttpResult<ErrorBody>? Unknown(JobRunner runner, string? pipeline) =>
        pipeline is null || runner.Pipelines.Any(candidate => candidate.Name == pipeline)
            ? null
            : Error(StatusCodes.Status404NotFound, $"pipeline '{pipeline}': expected one of {string.Join(", ", runner.Pipelines.Select(candidate => candidate.Name))}.");

    private static JsonHttpResult<ErrorBody> Error(int status, string error) => TypedResults.Json(new ErrorBody(error), statusCode: status);

    private sealed record ErrorBody(string Error);

    private sealed record BuildList(IReadOnlyList<BuildRecord> Builds);
}
