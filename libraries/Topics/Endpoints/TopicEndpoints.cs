using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Administration;
using RealTimeMesh.Components;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Endpoints;

/// <summary>Topics, their settings and partitions.</summary>
internal static class TopicEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/cluster", ClusterAsync);
        api.MapGet("/topics", ListAsync);
        api.MapPost("/topics", CreateAsync);
        api.MapGet("/topics/{topic}", DescribeAsync);
        api.MapDelete("/topics/{topic}", DeleteAsync);
        api.MapPatch("/topics/{topic}/settings", AlterAsync);
        api.MapPost("/topics/{topic}/partitions", GrowAsync);
        api.MapGet("/audit", AuditAsync);
    }

    private static async Task<IResult> ClusterAsync(IBrokerAdmin admin, CancellationToken cancellationToken) =>
        Results.Ok(new { Cluster = await admin.DescribeClusterAsync(cancellationToken), admin.Capabilities });

    private static async Task<Page<TopicSummary>> ListAsync(string? search, string? after, int? limit, IBrokerAdmin admin, CancellationToken cancellationToken)
    {
        var names = Paging.Of(await admin.ListTopicsAsync(cancellationToken), search, after, limit);
        return await names.SelectAsync<TopicSummary>(async page => [.. (await admin.DescribeTopicsAsync(page, cancellationToken)).Select(TopicSummary.Of)]);
    }

    private static async Task<TopicDetail> DescribeAsync(string topic, IBrokerAdmin admin, CancellationToken cancellationToken)
    {
        if (await admin.DescribeTopicsAsync([topic], cancellationToken) is not [var found])
            throw AdminException.NoTopic(topic);
        IReadOnlyList<TopicSetting> settings = [];
        string? note = null;
        try
        {
            settings = await admin.GetSettingsAsync(topic, cancellationToken);
        }
        catch (AdminException refused) when (refused.Refusal is AdminRefusal.Unsupported or AdminRefusal.Failed)
        {
            // Partitions are worth telling where settings may not be read.
            note = refused.Message;
        }

        return new TopicDetail(TopicSummary.Of(found), found.Partitions, settings, note);
    }

    private static async Task<IResult> CreateAsync(CreateTopic request, HttpContext context, IBrokerAdmin admin, AuditLog audit, CancellationToken cancellationToken)
    {
        var topic = new NewTopic(request.Name ?? "", request.Partitions, request.Replicas, request.Settings ?? new Dictionary<string, string>());
        await audit.RecordAsync(Caller.Of(context), "create topic", topic.Name, topic, () => admin.CreateTopicAsync(topic, cancellationToken), cancellationToken);
        return Results.Created($"/v1/topics/{Uri.EscapeDataString(topic.Name)}", topic);
    }

    private static async Task<IResult> DeleteAsync(string topic, HttpContext context, IBrokerAdmin admin, AuditLog audit, CancellationToken cancellationToken)
    {
        if (await admin.DescribeTopicsAsync([topic], cancellationToken) is not [var found])
            throw AdminException.NoTopic(topic);
        await audit.RecordAsync(Caller.Of(context), "delete topic", topic, TopicSummary.Of(found), () => admin.DeleteTopicAsync(topic, cancellationToken), cancellationToken);
        return Results.NoContent();
    }

    private static async Task<IResult> AlterAsync(string topic, Dictionary<string, string?> changes, HttpContext context, IBrokerAdmin admin, AuditLog audit, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
            throw Refuse.Invalid("settings", "none", "at least one name and value; null for the default", "name one");
        var before = (await admin.GetSettingsAsync(topic, cancellationToken)).Where(setting => changes.ContainsKey(setting.Name)).ToDictionary(setting => setting.Name, setting => setting.Value);
        await audit.RecordAsync(Caller.Of(context), "alter settings", topic, new { Before = before, Changes = changes }, () => admin.AlterSettingsAsync(topic, changes, cancellationToken), cancellationToken);
        return Results.Ok(await admin.GetSettingsAsync(topic, cancellationToken));
    }

    private static async Task<IResult> GrowAsync(string topic, AddPartitions request, HttpContext context, IBrokerAdmin admin, AuditLog audit, CancellationToken cancellationToken)
    {
        if (await admin.DescribeTopicsAsync([topic], cancellationToken) is not [var found])
            throw AdminException.NoTopic(topic);
        await audit.RecordAsync(Caller.Of(context), "add partitions", topic, new { Before = found.Partitions.Count, request.Total }, () => admin.AddPartitionsAsync(topic, request.Total, cancellationToken), cancellationToken);
        return Results.Ok(new { topic, Before = found.Partitions.Count, request.Total, Note = "Keys published from now on may land in other partitions than before: their order holds from here on, not across this moment." });
    }

    private static async Task<IResult> AuditAsync(long? before, int? limit, AuditLog audit, CancellationToken cancellationToken)
    {
        var count = limit ?? Paging.DefaultLimit;
        if (count is < 1 or > Paging.MostLimit)
            throw Refuse.Invalid("limit", $"{count}", $"1 to {Paging.MostLimit}");
        return Results.Ok(await audit.ReadAsync(before ?? long.MaxValue, count, cancellationToken));
    }

    internal sealed record CreateTopic(string? Name, int? Partitions, int? Replicas, Dictionary<string, string>? Settings);

    internal sealed record AddPartitions(int Total);
}

/// <param name="Bytes">Null where the broker does not tell.</param>
/// <param name="Written">Records ever appended, those that retention took included: what rates are made of.</param>
internal sealed record TopicSummary(string Name, int Partitions, int Replicas, long Records, long? Bytes, int Leaderless, int UnderReplicated, long Written)
{
    public static TopicSummary Of(TopicDescription topic) => new(
        topic.Name,
        topic.Partitions.Count,
        topic.Partitions.Max(partition => (int?)partition.Replicas.Count) ?? 0,
        topic.Partitions.Sum(partition => partition.Records),
        topic.Partitions.Any(partition => partition.Bytes is null) ? null : topic.Partitions.Sum(partition => partition.Bytes),
        topic.Partitions.Count(partition => partition.Leader < 0),
        topic.Partitions.Count(partition => partition.InSync.Count < partition.Replicas.Count),
        topic.Partitions.Sum(partition => partition.High));
}

/// <param name="SettingsNote">Why the settings are not told.</param>
internal sealed record TopicDetail(TopicSummary Summary, IReadOnlyList<PartitionDescription> Partitions, IReadOnlyList<TopicSetting> Settings, string? SettingsNote);
