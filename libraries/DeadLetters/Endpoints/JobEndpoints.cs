using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Administration;
using RealTimeMesh.DeadLetters.Jobs;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Endpoints;

/// <summary>Work on many letters: preview, start, look, stop and go on.</summary>
internal static class JobEndpoints
{
    private const int DefaultSamples = 5;
    private const int MostSamples = 100;

    public static void Map(IEndpointRouteBuilder api)
    {
        foreach (var (path, kind) in (ReadOnlySpan<(string, string)>)[("redrives", "redrive"), ("edits", "edit"), ("discards", "discard"), ("reopens", "reopen")])
        {
            api.MapPost($"/{path}/preview", (JobRequest request, int? samples, JobService jobs, CancellationToken cancellationToken) => jobs.PreviewAsync(kind, request, Samples(samples), cancellationToken));
            api.MapPost($"/{path}", (JobRequest request, HttpContext context, JobService jobs, AuditLog audit, CancellationToken cancellationToken) => StartAsync(kind, request, context, jobs, audit, cancellationToken));
        }

        api.MapGet("/jobs", async (string? before, int? limit, JobService jobs, CancellationToken cancellationToken) => await jobs.ListAsync(before, FilterReader.Limit(limit), cancellationToken));
        api.MapGet("/jobs/{id}", (string id, JobService jobs, CancellationToken cancellationToken) => jobs.FindAsync(id, cancellationToken));
        api.MapPost("/jobs/{id}/pause", (string id, HttpContext context, JobService jobs, AuditLog audit, CancellationToken cancellationToken) =>
            ActAsync("pause job", id, context, audit, () => jobs.StopAsync(id, "paused", cancellationToken), cancellationToken));
        api.MapPost("/jobs/{id}/cancel", (string id, HttpContext context, JobService jobs, AuditLog audit, CancellationToken cancellationToken) =>
            ActAsync("cancel job", id, context, audit, () => jobs.StopAsync(id, "cancelled", cancellationToken), cancellationToken));
        api.MapPost("/jobs/{id}/resume", (string id, HttpContext context, JobService jobs, AuditLog audit, CancellationToken cancellationToken) =>
            ActAsync("resume job", id, context, audit, () => jobs.ResumeAsync(id, cancellationToken), cancellationToken));
    }

    private static async Task<IResult> StartAsync(string kind, JobRequest request, HttpContext context, JobService jobs, AuditLog audit, CancellationToken cancellationToken)
    {
        var who = Caller.Of(context);
        var job = await audit.RecordAsync(who, $"start {kind}", "letters", request, () => jobs.StartAsync(kind, who, request, cancellationToken), static started => new { started.Id, started.Total, started.Through }, cancellationToken);
        return Results.Accepted($"/v1/jobs/{job.Id}", job);
    }

    private static Task<Job> ActAsync(string what, string id, HttpContext context, AuditLog audit, Func<Task<Job>> act, CancellationToken cancellationToken) =>
        audit.RecordAsync(Caller.Of(context), what, id, new { id }, act, static job => new { job.State, job.Done, job.Skipped }, cancellationToken);

    private static int Samples(int? samples) =>
        (samples ?? DefaultSamples) is >= 0 and <= MostSamples and var count ? count : throw Refuse.Invalid("samples", $"{samples}", $"0 to {MostSamples}");
}
