using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Administration;
using RealTimeMesh.Components;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Lags;
using RealTimeMesh.Topics.Requests;
using RealTimeMesh.Topics.Resets;

namespace RealTimeMesh.Topics.Endpoints;

/// <summary>Groups, their lag, and moving them.</summary>
internal static class GroupEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/groups", ListAsync);
        api.MapGet("/groups/{group}", DescribeAsync);
        api.MapPost("/groups/{group}/offsets/preview", (ResetRequest request, HttpContext context, OffsetResets resets, CancellationToken cancellationToken) => resets.PlanAsync(GroupOf(context), request, cancellationToken));
        api.MapPost("/groups/{group}/offsets", MoveAsync);
    }

    private static async Task<Page<GroupLag>> ListAsync(string? search, string? after, int? limit, IBrokerAdmin admin, LagReader lags, CancellationToken cancellationToken)
    {
        var names = Paging.Of(await admin.ListGroupsAsync(cancellationToken), search, after, limit);
        return await names.SelectAsync(page => lags.ReadAsync(page, cancellationToken));
    }

    private static async Task<GroupDetail> DescribeAsync(HttpContext context, IBrokerAdmin admin, LagReader lags, CancellationToken cancellationToken)
    {
        var group = GroupOf(context);
        var lag = await lags.ReadAsync([group], cancellationToken) is [var found] ? found : throw AdminException.NoGroup(group);
        return new GroupDetail(lag, (await admin.FindGroupAsync(group, cancellationToken))?.Members ?? []);
    }

    private static async Task<IResult> MoveAsync(ResetOrder order, HttpContext context, OffsetResets resets, AuditLog audit, CancellationToken cancellationToken)
    {
        var group = GroupOf(context);
        await audit.RecordAsync(Caller.Of(context), "move offsets", $"{group} on {order.Topic}", order, () => resets.ExecuteAsync(group, order, cancellationToken), cancellationToken);
        return Results.Ok(order);
    }

    /// <summary>The group that the path names. Routing leaves an escaped slash as it is, and then cannot tell it from an escaped percent sign: the path as it came can.</summary>
    private static string GroupOf(HttpContext context)
    {
        var segments = (context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).Split('?', 2)[0].Split('/');
        return Uri.UnescapeDataString(segments[Array.IndexOf(segments, "groups") + 1]);
    }

    internal sealed record GroupDetail(GroupLag Lag, IReadOnlyList<MemberDescription> Members);
}
