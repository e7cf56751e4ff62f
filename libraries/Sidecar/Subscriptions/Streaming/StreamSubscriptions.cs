using System.Collections.Concurrent;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Subscriptions that live as long as a stream of a client: each call is one, beside those of the app.</summary>
internal sealed class StreamSubscriptions(ComponentCatalog catalog, DeliveryFactory deliveries, DeliveryServices services) : IDisposable
{
    private readonly ConcurrentDictionary<long, OpenStream> _open = new();
    private readonly CancellationTokenSource _ending = new();
    private long _lastConnection;

    /// <summary>In the order they were opened.</summary>
    public IReadOnlyList<SubscriptionDefinition> Listed => _open.IsEmpty ? [] : [.. _open.Values.OrderBy(stream => stream.Connection).Select(stream => stream.Definition)];

    public void Dispose() => _ending.Dispose();

    /// <summary>Serves one stream to its end.</summary>
    public async Task RunAsync(
        IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests,
        IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> responses,
        CancellationToken cancellationToken)
    {
        var initial = await InitialAsync(requests, cancellationToken);
        if (initial is null)
            return;
        var component = catalog.PubSub(initial.PubsubName) ?? throw new ApiException(PubSubErrors.NotFound(initial.PubsubName, null));
        var definition = Definition(initial);
        if (!component.Scopes.MaySubscribe(definition.Topic))
            throw Failure($"failed to create subscription for {definition.PubSub}: subscription to topic '{definition.Topic}' on pubsub '{definition.PubSub}' is not allowed");
        var connection = Interlocked.Increment(ref _lastConnection);
        await using var stream = new EventStream(connection, responses, services.Logger);
        await using var subscriber = new TopicSubscriber(definition, component, deliveries.ForSender(definition, component, stream), services);
        await JoinAsync(subscriber, cancellationToken);
        _open[connection] = new OpenStream(connection, definition, stream, subscriber);
        try
        {
            // A stream that was opened while the others were being ended must not stay.
            if (_ending.IsCancellationRequested)
                throw Failure("api server closed");
            await stream.OpenAsync(cancellationToken);
            Log.StreamOpened(services.Logger, definition.PubSub, definition.Topic, connection);
            await stream.ReadAnswersAsync(requests, cancellationToken);
        }
        finally
        {
            _open.TryRemove(connection, out _);
            stream.Close();
            await subscriber.StopAsync(TimeSpan.Zero);
            Log.StreamClosed(services.Logger, definition.PubSub, definition.Topic, connection);
        }
    }

    /// <summary>Ends the streams of a component, each when its running delivery has ended.</summary>
    public Task EndAsync(string pubsub, TimeSpan grace) => EndAsync(_open.Values.Where(stream => stream.Definition.PubSub == pubsub), grace);

    /// <summary>Ends all streams, each when its running delivery has ended, and lets none be opened any more.</summary>
    public async Task EndAsync(TimeSpan grace)
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_open.Values.Select(stream => stream.Subscriber.DrainAsync(grace)));
        await EndAsync(_open.Values, grace);
    }

    private static Task EndAsync(IEnumerable<OpenStream> streams, TimeSpan grace) => Task.WhenAll(streams.Select(async open =>
    {
        try
        {
            await open.Subscriber.StopAsync(grace);
        }
        finally
        {
            open.Stream.Close();
        }
    }));

    /// <summary>Null where the client leaves without a request.</summary>
    private async Task<SubscribeTopicEventsRequestInitialAlpha1?> InitialAsync(IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, cancellationToken);
        try
        {
            if (!await requests.MoveNext(linked.Token))
                return null;
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            throw Failure("api server closed");
        }

        var initial = requests.Current.InitialRequest ?? throw Failure("initial request is required");
        if (initial.PubsubName.Length == 0)
            throw Failure("pubsubName is required");
        if (initial.Topic.Length == 0)
            throw Failure("topic is required");
        return initial;
    }

    private static async Task JoinAsync(TopicSubscriber subscriber, CancellationToken cancellationToken)
    {
        try
        {
            await subscriber.JoinAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"failed to create subscription for {subscriber.Definition.PubSub}: {exception.Message}", exception);
        }
    }

    private static SubscriptionDefinition Definition(SubscribeTopicEventsRequestInitialAlpha1 initial) => new()
    {
        Kind = SubscriptionKind.Streaming,
        PubSub = initial.PubsubName,
        Topic = initial.Topic,
        Rules = [RouteRule.All("/")],
        Metadata = new Dictionary<string, string>(initial.Metadata, StringComparer.Ordinal),
        DeadLetterTopic = initial.DeadLetterTopic,
    };

    private static RpcException Failure(string message, Exception? cause = null) => new(new Status(StatusCode.Unknown, message, cause));

    private sealed record OpenStream(long Connection, SubscriptionDefinition Definition, EventStream Stream, TopicSubscriber Subscriber);
}
