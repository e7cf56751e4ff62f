using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;
using Client = RealTimeMesh.Pluggable.Protocol.PubSub.PubSubClient;

namespace RealTimeMesh.Pluggable;

/// <summary>
/// A broker behind a socket. It has topics and acknowledgements, but tells nothing of partitions, offsets or groups:
/// the component keeps these to itself.
/// </summary>
internal sealed class PluggableBroker(string name, ComponentConnection connection, PubSubCapabilities capabilities, PluggableOptions options, TimeProvider time, ILogger logger)
    : IPubSubBroker, IPausableBroker
{
    // As daprd's way of publishing in bulk through components that cannot.
    private const int MaxParallelPublishes = 100;

    private readonly bool _bulk = capabilities.Names.Contains("BULK_PUBSUB");
    private readonly bool _immediate = capabilities.Names.Contains("BULK_SUBSCRIBE_IMMEDIATE");

    public PubSubCapabilities Capabilities { get; } = capabilities;

    public async Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
            return PublishResult.Success;
        if (messages.Count > 1)
            return _bulk ? await PublishBulkAsync(topic, messages, cancellationToken).ConfigureAwait(false) : await PublishEachAsync(topic, messages, cancellationToken).ConfigureAwait(false);
        return await PublishOneAsync(topic, messages[0], cancellationToken).ConfigureAwait(false) is { } error
            ? new PublishResult([new PublishFailure(0, error)])
            : PublishResult.Success;
    }

    public Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions subscription, DeliveryHandler handler, CancellationToken cancellationToken)
    {
        // A component that delivers one message at a time never fills a batch: it says so, and gets batches of one.
        var effective = _immediate ? subscription with { MaxBatchCount = 1, MaxBatchWait = TimeSpan.Zero } : subscription;
        return PullSubscription.StartAsync(connection, effective, handler, options, time, logger, cancellationToken);
    }

    public async Task<bool> PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connection.RawAsync((invoker, r, token) => new Client(invoker).PauseAsync(r, cancellationToken: token), new PauseRequest(), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RpcException e)
        {
            return e.StatusCode == StatusCode.Unimplemented ? false : throw CallErrors.Convert(e, connection.Socket, cancellationToken);
        }
    }

    public async Task<bool> ResumeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connection.RawAsync((invoker, r, token) => new Client(invoker).ResumeAsync(r, cancellationToken: token), new ResumeRequest(), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RpcException e)
        {
            return e.StatusCode == StatusCode.Unimplemented ? false : throw CallErrors.Convert(e, connection.Socket, cancellationToken);
        }
    }

    public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PartitionWatermarks>>([]);

    public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<int, long>>(new Dictionary<int, long>());

    public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken) =>
        Task.FromException(NoOffsets($"a seek in {topic}"));

    public Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken) =>
        Task.FromException<IReadOnlyList<DeliveredMessage>>(NoOffsets($"a read of {topic}"));

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private BrokerException NoOffsets(string asked) =>
        new($"component '{name}': found {asked}; expected publish and subscribe only: pluggable components have no offsets. Use the broker's own tools.");

    private async Task<Exception?> PublishOneAsync(string topic, OutgoingMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await connection.CallAsync(
                (invoker, r, token) => new Client(invoker).PublishAsync(r, cancellationToken: token), PubSubMessages.Publish(name, topic, message), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (ComponentCallException e)
        {
            return e;
        }
    }

    private async Task<PublishResult> PublishBulkAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var request = new BulkPublishRequest { PubsubName = name, Topic = topic };
        for (var i = 0; i < messages.Count; i++)
            request.Entries.Add(PubSubMessages.Entry(i.ToString(CultureInfo.InvariantCulture), messages[i]));
        try
        {
            var response = await connection.CallAsync(
                (invoker, r, token) => new Client(invoker).BulkPublishAsync(r, cancellationToken: token), request, cancellationToken).ConfigureAwait(false);
            return response.FailedEntries.Count == 0 ? PublishResult.Success : new PublishResult([.. response.FailedEntries.Select(Failure)]);
        }
        catch (ComponentCallException e)
        {
            return new PublishResult([.. Enumerable.Range(0, messages.Count).Select(i => new PublishFailure(i, e))]);
        }

        PublishFailure Failure(BulkPublishResponseFailedEntry entry) =>
            int.TryParse(entry.EntryId, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < messages.Count
                ? new PublishFailure(index, new BrokerException(entry.Error))
                : throw new BrokerException($"component '{name}': found a failure of entry '{entry.EntryId}' ({entry.Error}); expected one of the {messages.Count} entries it was given.");
    }

    private async Task<PublishResult> PublishEachAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        // Messages of one key one after the other, so that they keep their order; the others at once.
        var errors = new Exception?[messages.Count];
        var groups = Enumerable.Range(0, messages.Count).GroupBy(i => messages[i].Key is { } key ? (object)key : i);
        await Parallel.ForEachAsync(
            groups,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelPublishes, CancellationToken = cancellationToken },
            async (group, token) =>
            {
                foreach (var i in group)
                    errors[i] = await PublishOneAsync(topic, messages[i], token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return Array.TrueForAll(errors, error => error is null)
            ? PublishResult.Success
            : new PublishResult([.. errors.Select((error, i) => (error, i)).Where(entry => entry.error is not null).Select(entry => new PublishFailure(entry.i, entry.error!))]);
    }
}
