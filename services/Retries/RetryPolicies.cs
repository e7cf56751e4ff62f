using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.ServiceDefaults.Retries;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Retries;

/// <summary>Makes retried topics of policies.</summary>
internal static class RetryPolicies
{
    /// <summary>Invocations go one after the other, and each may take as long as an attempt may.</summary>
    private const int InvokedBatch = 20;

    public static void MapPolicy(this WebApplication app, RetryPolicy policy)
    {
        var services = app.Services;
        var settings = services.GetRequiredService<MeshSettings>();
        var time = services.GetRequiredService<TimeProvider>();
        var dapr = services.GetRequiredService<DaprGrpc>();
        var token = app.Configuration["DAPR_API_TOKEN"];
        var parts = new RetryParts(
            new RetryPublisher(dapr, settings.PubSubName, token), services.GetRequiredService<IDeadLetterSink>(), services.GetRequiredService<RetryMetrics>(), time, services.GetRequiredService<ILogger<RetriedTopic>>())
        {
            Waits = policy.KeepKeyOrder ? new DaprKeyWaitStore(dapr, settings.StateStoreName, policy.Consumer, policy.Topic, token, time) : null,
            // An event that returns is counted as it comes back; one that is invoked was delivered once before.
            EarlierAttempts = policy.Path is null ? 0 : 1,
            Adapt = (item, trail) => Adapt(policy, item, trail),
        };
        var options = new RetryOptions
        {
            Consumer = policy.Consumer,
            DeadLetterTopic = policy.Dead,
            KeepKeyOrder = policy.KeepKeyOrder,
            Tiers = policy.Tiers,
            BatchCount = policy.Path is null ? new RetryOptions().BatchCount : InvokedBatch,
        };
        TopicHandler handler = policy.Path is null
            ? (item, _) => Task.FromResult(IsDue(item) ? Handled.Forward(policy.Return!) : Handled.Transient($"app '{policy.Consumer}' did not take it"))
            : (item, cancellationToken) => services.GetRequiredService<AppInvoker>().InvokeAsync(policy, item, cancellationToken);
        app.MapTopic(new RetriedTopic(policy.Topic, policy.Consumer, options, handler, parts), $"/retries/{policy.Topic}");
    }

    public static Ok<PoliciesAnswer> List(IReadOnlyList<RetryPolicy> policies) => TypedResults.Ok(new PoliciesAnswer([.. policies.Select(policy => new PolicyAnswer(
        policy.Topic, policy.Consumer, policy.Return, policy.Path, [.. RetryTier.Of(policy.Topic, policy.Consumer, policy.Tiers).Select(tier => new TierAnswer(RetryTier.Text(tier.Delay), tier.Topic))], policy.Dead, policy.KeepKeyOrder))]));

    /// <summary>It comes from a tier, not from the app.</summary>
    private static bool IsDue(in DeliveredEvent item) => item.Header("mesh-retry-at"u8) is not null;

    /// <summary>The dead-letter topic is not where the event comes from; of its place there nothing is known.</summary>
    private static RetryTrail Adapt(RetryPolicy policy, in DeliveredEvent item, RetryTrail trail) => trail.Attempts > 0
        ? trail
        : trail with { Topic = policy.Of ?? CloudEventText.Find(item.Payload.Span, "topic"u8) ?? policy.Topic, Partition = null, Offset = null };

    internal sealed record PoliciesAnswer(IReadOnlyList<PolicyAnswer> Retries);

    internal sealed record PolicyAnswer(string Topic, string Consumer, string? Return, string? Path, IReadOnlyList<TierAnswer> Tiers, string Dead, bool KeepKeyOrder);

    internal sealed record TierAnswer(string Delay, string Topic);
}
