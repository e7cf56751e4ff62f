using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>The one way to a broker: checks the app's scopes, names topics as the broker does, applies the component's policies, measures, and tells failures as Dapr's errors.</summary>
internal sealed class BrokerGate(SidecarOptions options, TimeProvider time, ResiliencyProvider resiliency, SidecarMetrics metrics, ILogger<BrokerGate> logger)
{
    /// <param name="isHttp">By which API the request came: retry policies match the codes of either.</param>
    public async Task<PublishResult> SendAsync(PubSubComponent component, string topic, IReadOnlyList<OutgoingMessage> messages, bool bulk, bool isHttp, CancellationToken cancellationToken)
    {
        if (!component.Scopes.MayPublish(topic))
            throw new ApiException(PubSubErrors.Forbidden(component.Name, topic, options.AppId));
        var started = time.GetTimestamp();
        try
        {
            var policies = resiliency.ForComponentOutbound(component.Name, ComponentKind.Pubsub);
            var result = policies.IsNone
                ? await component.Broker.PublishAsync(component.BrokerTopic(topic), messages, cancellationToken)
                : await OutboundPublish.RunAsync(policies, component.Broker, component.BrokerTopic(topic), messages, isHttp, cancellationToken);
            metrics.Published(component.Name, topic, result.Succeeded, bulk, messages.Count - result.Failures.Count, time.GetElapsedTime(started));
            return result;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            metrics.Published(component.Name, topic, success: false, bulk, 0, time.GetElapsedTime(started));
            if (exception is not BrokerOverloadedException)
                Log.PublishFailed(logger, exception, topic, component.Name);
            throw Failure(component.Name, topic, exception);
        }
    }

    /// <param name="isPartial">Some messages of the call were published: it is not told as refused, for then its caller would take all of them for lost.</param>
    public static ApiException Failure(string pubsub, string topic, Exception exception, bool isPartial = false) =>
        new(
            exception is BrokerOverloadedException && !isPartial
                ? PubSubErrors.Overloaded(pubsub, topic, exception.Message)
                : PubSubErrors.PublishFailed(pubsub, topic, exception.Message),
            exception);
}
