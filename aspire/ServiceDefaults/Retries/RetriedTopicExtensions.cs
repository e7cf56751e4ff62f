using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>Subscribes a handler of single events to a topic, with tiers for those that fail for the time being.</summary>
public static class RetriedTopicExtensions
{
    /// <summary>
    /// Maps <paramref name="route"/> for the topic and <c>{route}/retry/{delay}</c> for each tier, all by Dapr's publish and subscribe alone. Call it
    /// before <see cref="Extensions.MapServiceDefaults"/>.
    /// </summary>
    public static RetriedTopic MapTopic(this WebApplication app, string topic, string route, RetryOptions options, TopicHandler handler)
    {
        var services = app.Services;
        var settings = services.GetRequiredService<MeshSettings>();
        var consumer = options.Consumer ?? settings.AppId
            ?? throw new InvalidOperationException($"topic '{topic}': found no consumer; expected the app's id. Set APP_ID, as `dapr run` does, or RetryOptions.Consumer.");
        var token = app.Configuration["DAPR_API_TOKEN"];
        var dapr = services.GetRequiredService<DaprGrpc>();
        var parts = new RetryParts(
            new RetryPublisher(dapr, settings.PubSubName, token), services.GetRequiredService<IDeadLetterSink>(), services.GetRequiredService<RetryMetrics>(),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RetriedTopic>>())
        {
            Waits = options.KeepKeyOrder ? new DaprKeyWaitStore(dapr, settings.StateStoreName, consumer, topic, token, services.GetRequiredService<TimeProvider>()) : null,
        };
        return app.MapTopic(new RetriedTopic(topic, consumer, options, handler, parts), route);
    }

    /// <summary>As above, for a topic that is put together elsewhere.</summary>
    public static RetriedTopic MapTopic(this WebApplication app, RetriedTopic retried, string route)
    {
        Map(app, retried, null, route);
        foreach (var tier in retried.Tiers)
            Map(app, retried, tier, $"{route}/retry/{tier.Topic[(tier.Topic.LastIndexOf(".retry.", StringComparison.Ordinal) + 7)..]}");
        return retried;
    }

    private static void Map(WebApplication app, RetriedTopic retried, RetryTier? tier, string route)
    {
        var settings = app.Services.GetRequiredService<MeshSettings>();
        var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        app.MapBulkTopic(settings.PubSubName, tier?.Topic ?? retried.Topic, route, retried.Options.BatchCount, retried.Options.BatchWait, async (delivery, cancellationToken) =>
        {
            // A service that stops must not wait until the events of a tier are due.
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tier is null ? CancellationToken.None : stopping);
            return await retried.HandleAsync(delivery.Events, tier, linked.Token);
        });
    }
}
