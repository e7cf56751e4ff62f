using System.Text.Json;
using RealTimeMesh.DeadLetters.Collecting;

namespace RealTimeMesh.AppHost.Running;

/// <summary>Dead-letter topics that the apps' subscriptions name, of either kind, as their sidecars tell.</summary>
internal sealed class SubscribedDeadLetters(HttpClient http, MeshPlan plan, string pubsub)
{
    public async Task<IReadOnlyList<DeadLetterSource>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<DeadLetterSource>();
        foreach (var app in plan.Apps)
        {
            using var response = await http.GetAsync(new Uri(MeshPlan.Loopback(app.DaprHttpPort), "/v1.0/metadata"), cancellationToken);
            // A sidecar that does not answer yet is asked again with the next look.
            if (!response.IsSuccessStatusCode)
                continue;
            using var metadata = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            if (!metadata.RootElement.TryGetProperty("subscriptions", out var subscriptions) || subscriptions.ValueKind != JsonValueKind.Array)
                continue;
            foreach (var subscription in subscriptions.EnumerateArray())
            {
                // Events on the topic of a policy are tried again; those it gives up are on another.
                if (Text(subscription, "pubsubname") == pubsub && Text(subscription, "deadLetterTopic") is { Length: > 0 } topic && !plan.Retries.Any(policy => policy.Topic == topic))
                    found.Add(new DeadLetterSource(topic, Text(subscription, "topic"), app.App.AppId));
            }
        }

        found.AddRange(plan.Retries.Select(policy => new DeadLetterSource(policy.Dead, policy.Of, policy.Consumer)));
        return found;
    }

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
