using Dapr.AppCallback.Autogen.Grpc.v1;
using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Reads a gRPC app's answer to <c>ListTopicSubscriptions</c>.</summary>
internal static class GrpcSubscriptionList
{
    public static SubscriptionAnswer Read(ListTopicSubscriptionsResponse answer)
    {
        var accepted = new List<SubscriptionDefinition>();
        var refused = new List<RefusedSubscription>();
        foreach (var item in answer.Subscriptions)
        {
            try
            {
                accepted.Add(Definition(item));
            }
            catch (CelSyntaxException exception)
            {
                refused.Add(new RefusedSubscription(item.PubsubName, item.Topic, exception.Message));
            }
        }

        return new SubscriptionAnswer(accepted, refused);
    }

    private static SubscriptionDefinition Definition(TopicSubscription item) => new()
    {
        Kind = SubscriptionKind.Programmatic,
        PubSub = item.PubsubName,
        Topic = item.Topic,
        Rules = Rules(item.Routes),
        Metadata = new Dictionary<string, string>(item.Metadata, StringComparer.Ordinal),
        DeadLetterTopic = item.DeadLetterTopic,
        Bulk = item.BulkSubscribe is { } bulk ? BulkSettings.From(bulk.Enabled, bulk.MaxMessagesCount, bulk.MaxAwaitDurationMs) : null,
    };

    /// <summary>A gRPC app needs no path: events arrive at one method.</summary>
    private static List<RouteRule> Rules(TopicRoutes? routes)
    {
        var rules = new List<RouteRule>();
        foreach (var rule in routes?.Rules ?? [])
            rules.Add(RouteRule.Parse(rule.Match, rule.Path));
        if (routes?.Default is { Length: > 0 } fallback)
            rules.Add(RouteRule.All(fallback));
        if (rules.Count == 0)
            rules.Add(RouteRule.All(""));
        return rules;
    }
}
