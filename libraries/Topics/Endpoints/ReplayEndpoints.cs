using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Administration;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Replays;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Endpoints;

/// <summary>Replays to other topics.</summary>
internal static class ReplayEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/replays", (int? limit, string? before, ReplayService replays) => replays.Newest(limit, before));
        api.MapGet("/replays/{id}", (string id, ReplayService replays) => replays.Find(id));
        api.MapPost("/replays", StartAsync);
        api.MapPost("/replays/{id}/pause", (string id, HttpContext context, ReplayService replays, AuditLog audit, CancellationToken cancellationToken) =>
            ActAsync("pause replay", id, context, audit, () => replays.StopAsync(id, "paused"), cancellationToken));
        api.MapPost("/replays/{id}/cancel", (string id, HttpContext context, ReplayService replays, AuditLog audit, CancellationToken cancellationToken) =>
            ActAsync("cancel replay", id, context, audit, () => replays.StopAsync(id, "cancelled"), cancellationToken));
        api.MapPost("/replays/{id}/resume", (string id, HttpContext context, ReplayService replays, AuditLog audit, CancellationToken cancellationToken) =>
            ActAsync("resume replay", id, context, audit, () => replays.ResumeAsync(id), cancellationToken));
    }

    private static async Task<IResult> StartAsync(ReplayRequest request, HttpContext context, ReplayService replays, AuditLog audit, CancellationToken cancellationToken)
    {
        var who = Caller.Of(context);
        var replay = await audit.RecordAsync(who, "start replay", $"{request.From} to {request.To}", request, () => replays.StartAsync(who, request, cancellationToken), static started => new { started.Id, started.Partitions }, cancellationToken);
        return Results.Accepted($"/v1/replays/{replay.Id}", replay);
    }

    private static Task<Replay> ActAsync(string what, string id, HttpContext context, AuditLog audit, Func<Task<Replay>> act, CancellationToken cancellationToken) =>
        audit.RecordAsync(Caller.Of(context), what, id, new { id }, act, static replay => new { replay.State, replay.Read, replay.Written }, cancellationToken);
}
