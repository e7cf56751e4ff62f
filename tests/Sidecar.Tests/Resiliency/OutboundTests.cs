using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Components;
using StateItem = RealTimeMesh.Components.StateItem;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

public sealed class OutboundTests : IAsyncDisposable
{
    private const string Spec = """
        policies:
          retries:
            matchRetry:
              policy: constant
              duration: 10ms
              maxRetries: 3
              matching:
                httpStatusCodes: "429,500-599"
                gRPCStatusCodes: "14"
            noMatchRetry:
              policy: constant
              duration: 10ms
              maxRetries: 3
          timeouts:
            quick: 50ms
        targets:
          components:
            pubsub-match:
              outbound:
                retry: matchRetry
            pubsub-nomatch:
              outbound:
                retry: noMatchRetry
            pubsub-slow:
              outbound:
                timeout: quick
            store:
              outbound:
                retry: noMatchRetry
        """;

    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData("pubsub-match", StatusCode.Unavailable, 4)]
    [InlineData("pubsub-match", StatusCode.ResourceExhausted, 4)]
    [InlineData("pubsub-match", StatusCode.FailedPrecondition, 1)]
    [InlineData("pubsub-nomatch", StatusCode.FailedPrecondition, 4)]
    public async Task A_publish_over_http_is_repeated_where_the_brokers_code_as_http_status_matches(string pubsub, StatusCode code, int publishes)
    {
        _broker.Fail = (_, _) => new ComponentCallException((int)code, "refused");
        await using var harness = await PolicyHarness.StartAsync(Spec, 0, (pubsub, _broker));

        using var response = await harness.Http.PostAsync($"/v1.0/publish/{pubsub}/topic", new StringContent("{\"id\":1}", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(publishes, _broker.Calls.Count);
    }

    [Theory]
    [InlineData("pubsub-match", StatusCode.Unavailable, 4)]
    [InlineData("pubsub-match", StatusCode.FailedPrecondition, 1)]
    [InlineData("pubsub-nomatch", StatusCode.FailedPrecondition, 4)]
    public async Task A_publish_over_grpc_is_repeated_where_the_brokers_own_code_matches(string pubsub, StatusCode code, int publishes)
    {
        _broker.Fail = (_, _) => new ComponentCallException((int)code, "refused");
        await using var harness = await PolicyHarness.StartAsync(Spec, 0, (pubsub, _broker));

        await Assert.ThrowsAsync<RpcException>(async () => await harness.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = pubsub, Topic = "topic", Data = ByteString.CopyFromUtf8("x") }));

        Assert.Equal(publishes, _broker.Calls.Count);
    }

    [Fact]
    public async Task A_bulk_publish_repeats_the_entries_that_failed_and_tells_those_that_still_fail()
    {
        _broker.Fail = (text, call) => (text, call) switch
        {
            ("never", _) => new IOException("not today"),
            ("later", < 3) => new IOException("not yet"),
            _ => null,
        };
        await using var harness = await PolicyHarness.StartAsync(Spec, 0, ("pubsub-nomatch", _broker));

        var entries = string.Join(',', ((string[])["never", "once", "later"]).Select(text => $"{{\"entryId\":\"id-{text}\",\"event\":\"{text}\",\"contentType\":\"text/plain\"}}"));
        using var response = await harness.Http.PostAsync("/v1.0/publish/bulk/pubsub-nomatch/topic?metadata.rawPayload=true", new StringContent($"[{entries}]", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("id-never", Assert.Single(answer.RootElement.GetProperty("failedEntries").EnumerateArray()).GetProperty("entryId").GetString());
        Assert.Equal(["never,once,later", "never,later", "never,later", "never"], _broker.Calls);
    }

    [Fact]
    public async Task A_publish_that_takes_longer_than_its_timeout_is_given_up()
    {
        _broker.Wait = token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        await using var harness = await PolicyHarness.StartAsync(Spec, 0, ("pubsub-slow", _broker));

        using var response = await harness.Http.PostAsync("/v1.0/publish/pubsub-slow/topic", new StringContent("x"));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("context deadline exceeded", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operations_on_state_are_repeated_save_those_an_etag_refuses()
    {
        await using var store = new ScriptedStore();
        await using var harness = await PolicyHarness.StartAsync(Spec, 0, ("store", store));

        using var got = await harness.Http.GetAsync("/v1.0/state/store/key");
        using var refused = await harness.Http.PostAsync("/v1.0/state/store", new StringContent("[{\"key\":\"key\",\"value\":1,\"etag\":\"7\"}]"));

        Assert.Equal(HttpStatusCode.InternalServerError, got.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal((4, 1), (store.Gets, store.Writes));
    }

    private sealed class ScriptedBroker : IPubSubBroker
    {
        private int _calls;

        public PubSubCapabilities Capabilities { get; } = new();

        /// <summary>The texts of each call.</summary>
        public ConcurrentQueue<string> Calls { get; } = new();

        /// <summary>By the message's text and the number of the call.</summary>
        public Func<string, int, Exception?> Fail { get; set; } = (_, _) => null;

        public Func<CancellationToken, Task> Wait { get; set; } = _ => Task.CompletedTask;

        public async Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
        {
            var call = Interlocked.Increment(ref _calls);
            var texts = messages.Select(message => Encoding.UTF8.GetString(message.Value.Span)).ToArray();
            Calls.Enqueue(string.Join(',', texts));
            await Wait(cancellationToken);
            return new PublishResult([.. texts.Select((text, i) => (Error: Fail(text, call), i)).Where(pair => pair.Error is not null).Select(pair => new PublishFailure(pair.i, pair.Error!))]);
        }

        public Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ScriptedStore : IStateStore
    {
        public int Gets { get; private set; }

        public int Writes { get; private set; }

        public StateCapabilities Capabilities { get; } = new();

        public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
        {
            Gets++;
            throw new IOException("no answer");
        }

        public Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken)
        {
            Writes++;
            return Task.FromResult(new StateWrite(StateWriteOutcome.ETagMismatch, operation.Key));
        }

        public Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
