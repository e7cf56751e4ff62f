using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Administration;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Balancing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Endpoints;

/// <summary>Hot partitions and rebalancing plans.</summary>
internal static class BalancingEndpoints
{
    private const double DefaultWindow = 300;
    private const int DefaultSample = 1000;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/topics/{topic}/heat", (string topic, double? window, double? factor, int? sample, HotPartitions heat, CancellationToken cancellationToken) =>
            heat.MeasureAsync(topic, Window(window), factor ?? HotPartitions.DefaultFactor, sample ?? DefaultSample, cancellationToken));
        api.MapGet("/rebalancings", (int? limit, string? before, RebalancingService plans) => plans.Newest(limit, before));
        api.MapPost("/rebalancings", PlanAsync);
        api.MapGet("/rebalancings/{id}", (string id, RebalancingService plans) => plans.Find(id));
        api.MapPost("/rebalancings/{id}/approve", ApproveAsync);
        api.MapPost("/rebalancings/{id}/execute", ExecuteAsync);
    }

    private static TimeSpan Window(double? seconds) => (seconds ?? DefaultWindow) is > 0 and <= 31_536_000 and var known
        ? TimeSpan.FromSeconds(known)
        : throw Refuse.Invalid("window", $"{seconds}", "seconds, more than 0 and at most a year");

    private static Task<RebalancingPlan> PlanAsync(RebalancingRequest request, RebalancingService plans, CancellationToken cancellationToken)
    {
        _ = Window(request.WindowSeconds);
        return plans.PlanAsync(request, cancellationToken);
    }

    private static Task<RebalancingPlan> ApproveAsync(string id, HttpContext context, RebalancingService plans, AuditLog audit, CancellationToken cancellationToken)
    {
        var who = Caller.Of(context);
        return audit.RecordAsync(who, "approve rebalancing", id, plans.Find(id).Moves, () => plans.ApproveAsync(id, who, cancellationToken), static plan => new { plan.State }, cancellationToken);
    }

    private static Task<RebalancingPlan> ExecuteAsync(string id, HttpContext context, RebalancingService plans, AuditLog audit, CancellationToken cancellationToken) =>
        audit.RecordAsync(Caller.Of(context), "execute rebalancing", id, plans.Find(id).Owners, () => plans.ExecuteAsync(id, cancellationToken), static plan => plan.Measured, cancellationToken);
}
