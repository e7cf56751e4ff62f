using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Sidecar.Tests;

public sealed class PublishGrpcTests : IAsyncLifetime
{
    private SidecarHarness _sidecar = null!;

    public async ValueTask InitializeAsync() => _sidecar = await SidecarHarness.StartAsync();

    public ValueTask DisposeAsync() => _sidecar.DisposeAsync();

    [Fact]
    public async Task The_official_client_publishes_json()
    {
        await _sidecar.Dapr.PublishEventAsync("pubsub", "t", new { A = 1 }, new Dictionary<string, string> { ["partitionKey"] = "k" });

        var message = Assert.Single(await _sidecar.MessagesAsync("t"));
        Assert.Equal("k", message.Key);
        Assert.Equal(1, JsonDocument.Parse(message.Value).RootElement.GetProperty("data").GetProperty("a").GetInt32());
    }

    [Fact]
    public async Task A_raw_bulk_keeps_bytes_keys_and_headers_and_the_entrys_own_win()
    {
        var request = new BulkPublishRequest { PubsubName = "pubsub", Topic = "t", Metadata = { ["rawPayload"] = "true", ["color"] = "blue", ["partitionKey"] = "all" } };
        request.Entries.Add(Entry("0", [0, 1, 255], ("partitionKey", "k"), ("ce_id", "ü")));
        request.Entries.Add(Entry("1", [], ("color", "red"), ("empty", "")));
        request.Entries.Add(Entry("2", new byte[100_000]));

        var response = await _sidecar.Grpc.BulkPublishEventAsync(request);

        Assert.Empty(response.FailedEntries);
        var messages = await _sidecar.MessagesAsync("t");
        Assert.Equal(new byte[] { 0, 1, 255 }, messages[0].Value.ToArray());
        Assert.Equal(["k", "all", "all"], messages.Select(message => message.Key));
        Assert.Equal(new Dictionary<string, string> { ["rawPayload"] = "true", ["color"] = "blue", ["ce_id"] = "ü" }, messages[0].Headers.ToDictionary());
        Assert.Equal(new Dictionary<string, string> { ["rawPayload"] = "true", ["color"] = "red", ["empty"] = "" }, messages[1].Headers.ToDictionary());
        Assert.Equal("red", messages[1].Headers.Find("color"));
        Assert.Equal(100_000, messages[2].Value.Length);
    }

    [Fact]
    public async Task The_alpha_method_wraps_entries_as_cloud_events()
    {
        var request = new BulkPublishRequest { PubsubName = "pubsub", Topic = "t" };
        request.Entries.Add(Entry("a", "text"u8.ToArray()));
#pragma warning disable CS0612 // Older clients still call it.
        await _sidecar.Grpc.BulkPublishEventAlpha1Async(request);
#pragma warning restore CS0612

        Assert.Equal("text", JsonDocument.Parse(Assert.Single(await _sidecar.MessagesAsync("t")).Value).RootElement.GetProperty("data").GetString());
    }

    [Fact]
    public async Task Events_of_a_bulk_that_fills_several_buffers_keep_their_data_keys_and_headers()
    {
        const int Count = 3_000;
        var request = new BulkPublishRequest { PubsubName = "pubsub", Topic = "t", Metadata = { ["color"] = "blue" } };
        for (var i = 0; i < Count; i++)
            request.Entries.Add(i % 3 == 0 ? Entry($"{i}", Encoding.UTF8.GetBytes($"event {i}"), ("partitionKey", $"k{i}"), ("color", "red")) : Entry($"{i}", Encoding.UTF8.GetBytes($"event {i}")));

        await _sidecar.Grpc.BulkPublishEventAsync(request);
        // Takes the buffers of the first where they are given back.
        await _sidecar.Grpc.BulkPublishEventAsync(request);

        var messages = (await _sidecar.MessagesAsync("t")).ToDictionary(message => (int)message.Offset);
        Assert.Equal(2 * Count, messages.Count);
        var ids = new HashSet<string>();
        for (var i = 0; i < 2 * Count; i++)
        {
            var envelope = JsonDocument.Parse(messages[i].Value).RootElement;
            Assert.Equal($"event {i % Count}", envelope.GetProperty("data").GetString());
            Assert.True(ids.Add(envelope.GetProperty("id").GetString()!));
            Assert.Equal(i % Count % 3 == 0 ? $"k{i % Count}" : null, messages[i].Key);
            Assert.Equal(i % Count % 3 == 0 ? "red" : "blue", messages[i].Headers.Find("color"));
        }
    }

    [Theory]
    [InlineData("", "t", "pubsub name is empty", "DAPR_PUBSUB_NAME_EMPTY", true)]
    [InlineData("pubsub", "", "topic is empty in pubsub pubsub", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", true)]
    [InlineData("nope", "t", "pubsub nope is not found", "DAPR_PUBSUB_NOT_FOUND", false)]
    public async Task Wrong_requests_get_daprs_status_and_details(string pubsub, string topic, string message, string reason, bool hasResource)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await _sidecar.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = pubsub, Topic = topic }));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.Equal(message, fault.Status.Detail);
        var details = Google.Rpc.Status.Parser.ParseFrom(fault.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Contains(details.Details, any => any.TryUnpack(out ErrorInfo info) && info.Reason == reason && info.Domain == "dapr.io");
        Assert.Equal(hasResource, details.Details.Any(any => any.TryUnpack(out ResourceInfo resource) && resource.ResourceType == "pubsub"));
    }

    [Fact]
    public async Task Entry_ids_must_be_there_and_distinct()
    {
        foreach (var ids in new[] { ["x", "x"], new[] { "0", "" }, ["0", "0"] })
        {
            var request = new BulkPublishRequest { PubsubName = "pubsub", Topic = "t", Metadata = { ["rawPayload"] = "true" } };
            request.Entries.AddRange(ids.Select(id => Entry(id, [1])));
            var fault = await Assert.ThrowsAsync<RpcException>(async () => await _sidecar.Grpc.BulkPublishEventAsync(request));
            Assert.Equal("error marshaling events to bytes for topic t pubsub pubsub. error: entryId is duplicated or not present for entry", fault.Status.Detail);
        }
    }

    [Fact]
    public async Task A_bulk_publish_that_fails_for_one_entry_fails_and_overload_is_told_as_exhausted()
    {
        var broker = new RefusingBroker { FailingPlaces = [1] };
        await using var sidecar = await SidecarHarness.StartAsync(broker: broker);
        var request = new BulkPublishRequest { PubsubName = "pubsub", Topic = "t", Metadata = { ["rawPayload"] = "true" } };
        request.Entries.Add(Entry("a", [1]));
        request.Entries.Add(Entry("b", [1]));

        var partial = await Assert.ThrowsAsync<RpcException>(async () => await sidecar.Grpc.BulkPublishEventAsync(request));
        broker.Fault = new BrokerOverloadedException("full");
        var overloaded = await Assert.ThrowsAsync<RpcException>(async () => await sidecar.Grpc.BulkPublishEventAsync(request));
        broker.Fault = new IOException("disk");
        var broken = await Assert.ThrowsAsync<RpcException>(async () => await sidecar.Grpc.BulkPublishEventAsync(request));

        Assert.Equal((StatusCode.Internal, "error when publishing to topic t in pubsub pubsub: place 1"), (partial.StatusCode, partial.Status.Detail));
        Assert.Equal(StatusCode.ResourceExhausted, overloaded.StatusCode);
        Assert.Equal(StatusCode.Internal, broken.StatusCode);
    }

    [Fact]
    public async Task A_bulk_publish_of_which_some_was_published_is_not_told_as_refused_for_want_of_room()
    {
        var broker = new RefusingBroker { FailingPlaces = [1], FaultOf = _ => new BrokerOverloadedException("full") };
        await using var sidecar = await SidecarHarness.StartAsync(broker: broker);
        var request = new BulkPublishRequest { PubsubName = "pubsub", Topic = "t", Metadata = { ["rawPayload"] = "true" } };
        request.Entries.Add(Entry("a", [1]));
        request.Entries.Add(Entry("b", [1]));

        var partial = await Assert.ThrowsAsync<RpcException>(async () => await sidecar.Grpc.BulkPublishEventAsync(request));
        broker.FailingPlaces = [0, 1];
        var whole = await Assert.ThrowsAsync<RpcException>(async () => await sidecar.Grpc.BulkPublishEventAsync(request));

        Assert.Equal((StatusCode.Internal, StatusCode.ResourceExhausted), (partial.StatusCode, whole.StatusCode));
    }

    [Fact]
    public async Task The_meshs_publisher_takes_a_call_of_which_one_event_failed_for_failed()
    {
        var broker = new RefusingBroker { FailingPlaces = [1] };
        await using var sidecar = await SidecarHarness.StartAsync(broker: broker);
        var publisher = new EventPublisher(sidecar.Channel.CreateCallInvoker(), "pubsub", null);
        OutgoingEvent[] events = [new("k", "id-1", 1, "one"u8.ToArray()), new("k", "id-2", 2, "two"u8.ToArray())];

        var fault = await Assert.ThrowsAsync<RpcException>(() => publisher.PublishAsync("t", new EventEnvelope("s", "t", DateTimeOffset.UnixEpoch, "application/avro", null), events, default));

        Assert.Equal((StatusCode.Internal, "error when publishing to topic t in pubsub pubsub: place 1"), (fault.StatusCode, fault.Status.Detail));
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(2_400, 0)]
    [InlineData(10, 60)]
    [InlineData(700_000, 3)]
    public async Task Calls_of_the_size_that_publishers_keep_to_fit_a_sidecar_with_the_limit_of_Dapr(int payload, int headers)
    {
        await using var sidecar = await SidecarHarness.StartAsync(new SidecarOptions { AppId = "app1", MaxBodyBytes = 4 * 1024 * 1024 });
        var publisher = new EventPublisher(sidecar.Channel.CreateCallInvoker(), "pubsub", null);
        KeyValuePair<string, string>[] more = [.. Enumerable.Range(0, headers).Select(i => new KeyValuePair<string, string>($"header-{i}", new string('\u20ac', 20)))];
        List<OutgoingEvent> events = [];
        for (long bytes = 0; ;)
        {
            var item = new OutgoingEvent($"key-{events.Count}-\u20ac", $"id-{events.Count}", events.Count, new byte[payload]) { Headers = more };
            bytes += PublishCallSize.Bound(item);
            if (bytes > PublishCallSize.MaxBytes)
                break;
            events.Add(item);
        }

        await publisher.PublishAsync("t", new EventEnvelope("s", "t", DateTimeOffset.UnixEpoch, "application/avro", null), events, default);

        Assert.InRange(events.Count, 4, 20_000);
    }

    [Fact]
    public async Task What_is_not_served_is_unimplemented_with_its_name()
    {
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await _sidecar.Grpc.InvokeBindingAsync(new InvokeBindingRequest { Name = "b" }));

        Assert.Equal(StatusCode.Unimplemented, fault.StatusCode);
        Assert.Contains("dapr.proto.runtime.v1.Dapr/InvokeBinding", fault.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_asked_of_both_apis_but_not_for_health()
    {
        await using var sidecar = await SidecarHarness.StartAsync(new SidecarOptions { AppId = "app1", ApiToken = "secret" });
        await sidecar.ReadyAsync();
        await sidecar.Dapr.PublishEventAsync("pubsub", "t", 1);
        using var http = await sidecar.Http.GetAsync("/v1.0/metadata");
        var grpc = await Assert.ThrowsAsync<RpcException>(async () => await sidecar.Grpc.GetMetadataAsync(new GetMetadataRequest()));

        Assert.Equal(401, (int)http.StatusCode);
        Assert.Equal(StatusCode.Unauthenticated, grpc.StatusCode);
    }

    [Fact]
    public async Task Shutdown_stops_the_sidecar_after_its_answer()
    {
        var stopped = _sidecar.StoppedAsync();
        await _sidecar.Grpc.ShutdownAsync(new ShutdownRequest());

        await stopped.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        using var client = new HttpClient { BaseAddress = _sidecar.Http.BaseAddress };
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/v1.0/healthz"));
    }

    private static BulkPublishRequestEntry Entry(string id, byte[] value, params (string Name, string Value)[] metadata)
    {
        var entry = new BulkPublishRequestEntry { EntryId = id, Event = ByteString.CopyFrom(value), ContentType = "text/plain" };
        foreach (var (name, text) in metadata)
            entry.Metadata[name] = text;
        return entry;
    }
}
