using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Alerts;
using RealTimeMesh.DeadLetters.Collecting;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Auditing;

namespace RealTimeMesh.DeadLetters.Endpoints;

/// <summary>Alerts, what is collected, and who changed what.</summary>
internal static class AlertEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/alerts", (AlertService alerts, DeadLettersSetup setup) => new AlertList(alerts.Alerts.Active, alerts.Alerts.Recent, setup.Options.Alerts.Rules));
        api.MapGet("/sources", SourcesAsync);
        api.MapGet("/audit", (long? before, int? limit, AuditLog audit, CancellationToken cancellationToken) => audit.ReadAsync(before ?? long.MaxValue, FilterReader.Limit(limit), cancellationToken));
    }

    private static async Task<SourceList> SourcesAsync(IDeadLetterStore store, IPubSubBroker broker, Collector collector, DeadLettersSetup setup, CancellationToken cancellationToken)
    {
        var facts = await store.FactsAsync(cancellationToken);
        var sources = new List<CollectedTopic>();
        foreach (var source in collector.Sources.OrderBy(source => source.Topic, StringComparer.Ordinal))
        {
            var next = facts.Partitions.Where(partition => partition.Topic == source.Topic).ToDictionary(partition => partition.Partition, partition => TopicLives.OffsetOf(partition.Next));
            long? behind = !broker.Capabilities.Offsets ? null : (await broker.GetWatermarksAsync(source.Topic, cancellationToken)).Sum(partition => Math.Max(0, partition.High - Math.Max(partition.Low, next.GetValueOrDefault(partition.Partition))));
            sources.Add(new CollectedTopic(source.Topic, source.OriginTopic, source.Consumer, behind));
        }

        return new SourceList(facts.Letters, facts.Bytes, setup.Options.Retention, sources);
    }

    internal sealed record AlertList(IReadOnlyList<Alert> Active, IReadOnlyList<Alert> Recent, IReadOnlyList<AlertRule> Rules);

    /// <param name="Behind">Records that are not collected yet; null where the broker does not count them.</param>
    internal sealed record CollectedTopic(string Topic, string? OriginTopic, string? Consumer, long? Behind);

    internal sealed record SourceList(long Letters, long Bytes, LetterRetention Retention, IReadOnlyList<CollectedTopic> Topics);
}
