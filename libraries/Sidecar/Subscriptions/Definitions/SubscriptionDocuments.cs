using System.Globalization;
using RealTimeMesh.Components;
using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Reads resources of <c>kind: Subscription</c>: <c>dapr.io/v1alpha1</c> with one route, <c>dapr.io/v2alpha1</c> with routes.</summary>
internal static class SubscriptionDocuments
{
    private const string Single = "dapr.io/v1alpha1";
    private const string Routed = "dapr.io/v2alpha1";

    /// <summary>The documents an app of that id sees, in their order. One whose name comes again is replaced, and goes to the end.</summary>
    public static IReadOnlyList<ResourceDocument> Select(IEnumerable<ResourceDocument> documents, string appId)
    {
        var result = new List<ResourceDocument>();
        foreach (var document in documents.Where(document => document.ApiVersion is Single or Routed && document.IsInScope(appId)))
        {
            result.RemoveAll(other => other.Name == document.Name);
            result.Add(document);
        }

        return result;
    }

    /// <summary>Throws <see cref="CelSyntaxException"/> where a rule cannot be read.</summary>
    public static SubscriptionDefinition Read(ResourceDocument document)
    {
        var spec = document.Root.Find("spec");
        var bulk = spec?.Find("bulkSubscribe");
        return new SubscriptionDefinition
        {
            Kind = SubscriptionKind.Declarative,
            Name = document.Name,
            PubSub = spec?.TextOf("pubsubname") ?? "",
            Topic = spec?.TextOf("topic") ?? "",
            Rules = document.ApiVersion == Single ? Route(spec) : Routes(spec?.Find("routes")),
            Metadata = Texts(spec?.Find("metadata")),
            DeadLetterTopic = spec?.TextOf("deadLetterTopic") ?? "",
            Bulk = BulkSettings.From(bulk?.TextOf("enabled") == "true", Number(bulk, "maxMessagesCount"), Number(bulk, "maxAwaitDurationMs")),
        };
    }

    private static List<RouteRule> Route(ResourceNode? spec) => spec?.TextOf("route") is { Length: > 0 } route ? [RouteRule.All(route)] : [];

    private static List<RouteRule> Routes(ResourceNode? routes)
    {
        var rules = new List<RouteRule>();
        foreach (var rule in routes?.Find("rules")?.Items ?? [])
            rules.Add(RouteRule.Parse(rule.TextOf("match"), rule.TextOf("path")));
        if (routes?.TextOf("default") is { Length: > 0 } fallback)
            rules.Add(RouteRule.All(fallback));
        return rules;
    }

    private static Dictionary<string, string> Texts(ResourceNode? map)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in map?.Entries ?? [])
        {
            if (value.IsScalar)
                texts[name] = value.Text;
        }

        return texts;
    }

    private static int Number(ResourceNode? node, string name) =>
        int.TryParse(node?.TextOf(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
