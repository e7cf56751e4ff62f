using Dapr.Client.Autogen.Grpc.v1;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Metadata;

/// <summary>Metadata as gRPC tells it.</summary>
internal static class MetadataMessages
{
    public static GetMetadataResponse From(MetadataStore metadata)
    {
        var response = new GetMetadataResponse
        {
            Id = metadata.AppId,
            RuntimeVersion = MetadataStore.RuntimeVersion,
            ActorRuntime = new ActorRuntime { RuntimeStatus = ActorRuntime.Types.ActorRuntimeStatus.Disabled, Placement = MetadataStore.Placement },
            AppConnectionProperties = From(metadata.AppConnection),
            EnabledFeatures = { metadata.EnabledFeatures },
        };
        foreach (var (key, value) in metadata.Extended)
            response.ExtendedMetadata[key] = value;
        foreach (var component in metadata.Components)
            response.RegisteredComponents.Add(new RegisteredComponents { Name = component.Name, Type = component.Type, Version = component.Version, Capabilities = { component.Capabilities } });
        foreach (var name in metadata.HttpEndpoints)
            response.HttpEndpoints.Add(new MetadataHTTPEndpoint { Name = name });
        foreach (var name in metadata.Resiliencies)
            response.Resiliencies.Add(new MetadataResiliency { Name = name });
        foreach (var subscription in metadata.Subscriptions)
        {
            var item = new PubsubSubscription
            {
                PubsubName = subscription.PubSub,
                Topic = subscription.Topic,
                DeadLetterTopic = subscription.DeadLetterTopic,
                Type = TypeOf(subscription.Kind),
                Rules = new PubsubSubscriptionRules(),
            };
            foreach (var (key, value) in subscription.Metadata)
                item.Metadata[key] = value;
            foreach (var rule in subscription.Rules)
                item.Rules.Rules.Add(new PubsubSubscriptionRule { Match = rule.Text, Path = rule.Path });
            response.Subscriptions.Add(item);
        }

        return response;
    }

    private static AppConnectionProperties From(AppConnectionInfo app)
    {
        var properties = new AppConnectionProperties { Port = app.Port, Protocol = app.Protocol, ChannelAddress = app.ChannelAddress, MaxConcurrency = app.MaxConcurrency };
        if (app.Health is { } health)
        {
            properties.Health = new AppConnectionHealthProperties
            {
                HealthCheckPath = health.Path,
                HealthProbeInterval = health.Interval,
                HealthProbeTimeout = health.Timeout,
                HealthThreshold = health.Threshold,
            };
        }

        return properties;
    }

    private static PubsubSubscriptionType TypeOf(SubscriptionKind kind) => kind switch
    {
        SubscriptionKind.Declarative => PubsubSubscriptionType.Declarative,
        SubscriptionKind.Programmatic => PubsubSubscriptionType.Programmatic,
        SubscriptionKind.Streaming => PubsubSubscriptionType.Streaming,
        _ => PubsubSubscriptionType.Unknown,
    };
}
