using System.Runtime.ExceptionServices;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>A publish under the component's outbound policies. Repeats only what failed.</summary>
internal sealed class OutboundPublish
{
    private readonly IPubSubBroker _broker;
    private readonly string _topic;
    private readonly IReadOnlyList<OutgoingMessage> _messages;
    private readonly bool _isHttp;

    /// <summary>Places of the messages that are still to be published; null for all.</summary>
    private List<int>? _remaining;

    private OutboundPublish(IPubSubBroker broker, string topic, IReadOnlyList<OutgoingMessage> messages, bool isHttp) =>
        (_broker, _topic, _messages, _isHttp) = (broker, topic, messages, isHttp);

    /// <summary>The failures after the last attempt. Throws where none of the messages was published and the broker gave no failures of its own.</summary>
    /// <param name="isHttp">Policies match HTTP statuses, not gRPC codes.</param>
    public static Task<PublishResult> RunAsync(PolicyRunner policies, IPubSubBroker broker, string topic, IReadOnlyList<OutgoingMessage> messages, bool isHttp, CancellationToken cancellationToken)
    {
        // An attempt that its timeout cuts off may read on while the caller's buffers are in use again.
        if (policies.Timeout > TimeSpan.Zero)
            messages = [.. messages.Select(message => message with { Value = message.Value.ToArray() })];
        return new OutboundPublish(broker, topic, messages, isHttp).RunAsync(policies, cancellationToken);
    }

    private async Task<PublishResult> RunAsync(PolicyRunner policies, CancellationToken cancellationToken)
    {
        var outcome = await policies.RunAsync(this, static (publish, attempt) => publish.TryAsync(attempt.Token), cancellationToken, new RunHooks<PublishResult> { Accumulate = Keep });
        if (outcome.Succeeded)
            return PublishResult.Success;
        if (outcome.Value is { } last)
            return new PublishResult([.. last.Failures.Select((failure, i) => failure with { Index = _remaining![i] })]);
        if (_remaining is null)
            ExceptionDispatchInfo.Throw(outcome.Error!);
        return new PublishResult([.. _remaining.Select(place => new PublishFailure(place, outcome.Error!))]);
    }

    private async Task<Outcome<PublishResult>> TryAsync(CancellationToken cancellationToken)
    {
        var batch = _remaining is { } places ? [.. places.Select(place => _messages[place])] : _messages;
        try
        {
            var result = await _broker.PublishAsync(_topic, batch, cancellationToken);
            return result.Succeeded ? new Outcome<PublishResult>(result) : new Outcome<PublishResult>(result, result.Failures[0].Error, CodeOf(result.Failures[0].Error));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new Outcome<PublishResult>(null, exception, CodeOf(exception));
        }
    }

    private void Keep(PublishResult result)
    {
        if (!result.Succeeded)
            _remaining = [.. result.Failures.Select(failure => _remaining?[failure.Index] ?? failure.Index)];
    }

    /// <summary>A component's gRPC code, as the API that the request came by tells codes.</summary>
    private int? CodeOf(Exception exception) => exception is ComponentCallException { GrpcCode: var code } ? _isHttp ? GrpcStatus.ToHttp(code) : code : null;
}
