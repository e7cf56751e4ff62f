using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;
using RealTimeMesh.Pluggable.Testing;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Pluggable.Tests;

/// <summary>The contract of brokers over a socket, with the in-memory log behind it: what a component leaves to us.</summary>
public sealed class BrokerComplianceTests : BrokerComplianceSuite
{
    private readonly Started _started = new();
    private readonly List<IAsyncDisposable> _servers = [];

    protected override IReadOnlyCollection<string> KeyHeaders => ["partitionKey"];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _started.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    protected override async Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time)
    {
        var log = (IPubSubBroker)await new InMemoryLogType().StartAsync(
            new ComponentSpec { Name = "log", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string> { ["partitions"] = $"{partitions}" } },
            new ComponentContext("app", "", time),
            default);
        var server = await PluggableComponentServer.StartAsync(new TestPubSub
        {
            Features = ["BULK_PUBSUB"],
            OnPublish = (request, token) => PublishAsync(log, request, token),
            OnPull = async (topic, requests, responses, token) =>
            {
                using var pull = new Pull(log, topic.Name, requests, responses);
                await pull.RunAsync(token);
            },
        });
        _servers.Add(server);
        return await _started.StartAsync<IPubSubBroker>(server, "pubsub", time: time);
    }

    private static async Task PublishAsync(IPubSubBroker log, PublishRequest request, CancellationToken token)
    {
        var key = request.Metadata.TryGetValue("partitionKey", out var found) ? found : null;
        var headers = MessageHeaders.From(request.Metadata.Where(entry => entry.Key != "partitionKey"));
        var result = await log.PublishAsync(request.Topic, [new OutgoingMessage(key, request.Data.ToByteArray(), headers)], token);
        if (!result.Succeeded)
            throw new RpcException(new Status(StatusCode.Internal, result.Failures[0].Error.Message));
    }

    /// <summary>One subscriber's stream: sends batches of the log and waits for every acknowledgement.</summary>
    private sealed class Pull(IPubSubBroker log, string topic, IAsyncStreamReader<PullMessagesRequest> requests, IServerStreamWriter<PullMessagesResponse> responses) : IDisposable
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<bool>> _waiting = new();
        private readonly SemaphoreSlim _sending = new(1, 1);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _ids;

        public void Dispose() => _sending.Dispose();

        public async Task RunAsync(CancellationToken token)
        {
            var options = new SubscribeOptions { Topic = topic, Group = "consumers", MaxBatchCount = 1000, RetryDelay = TimeSpan.FromMilliseconds(5) };
            await using var subscription = await log.SubscribeAsync(options, HandleAsync, token);
            try
            {
                while (await requests.MoveNext(token))
                {
                    if (_waiting.TryRemove(requests.Current.AckMessageId, out var waiting))
                        waiting.SetResult(requests.Current.AckError is null);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The subscriber is gone: what it has not acknowledged goes to others.
            }

            _ended.SetResult();
        }

        private async Task<DeliveryResult> HandleAsync(DeliveryBatch batch, CancellationToken token)
        {
            var acknowledged = new List<Task<bool>>();
            await _sending.WaitAsync(CancellationToken.None);
            try
            {
                foreach (var message in batch.Messages)
                    acknowledged.Add(await SendAsync(message));
            }
            finally
            {
                _sending.Release();
            }

            await Task.WhenAny(Task.WhenAll(acknowledged), _ended.Task);
            return new DeliveryResult([.. Enumerable.Range(0, batch.Messages.Count).Where(i => !acknowledged[i].IsCompletedSuccessfully || !acknowledged[i].Result)]);
        }

        private async Task<Task<bool>> SendAsync(DeliveredMessage message)
        {
            var id = $"{Interlocked.Increment(ref _ids)}";
            var waiting = _waiting[id] = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var response = new PullMessagesResponse { Id = id, Data = ByteString.CopyFrom(message.Value.Span), TopicName = topic, Metadata = { message.Headers.ToDictionary() } };
            if (message.Key is { } key)
                response.Metadata["partitionKey"] = key;
            try
            {
                await responses.WriteAsync(response);
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or OperationCanceledException)
            {
                // The stream ended meanwhile: the message stays without acknowledgement.
            }

            return waiting.Task;
        }
    }
}
