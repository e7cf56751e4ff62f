using System.Collections.Concurrent;
using System.Net;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Pluggable;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Outbox;

public sealed class OutboxTests
{
    private const string Subscription = """
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata: { name: order }
        spec: { topic: test, routes: { default: /test }, pubsubname: mypubsub }
        scopes: [ outboxtest ]
        """;

    private static readonly string Store = Manifests.InMemoryState("mystore", ("outboxPublishPubsub", "mypubsub"), ("outboxPublishTopic", "test"));

    [Fact]
    public async Task An_upsert_is_published_once_with_its_metadata_as_fields_and_a_deletion_is_not()
    {
        await using var app = await TestApp.StartAsync("[]");
        await using var daprd = await StartAsync(app.Port, "http");
        await TransactAsync(daprd, """{"operation":"upsert","request":{"key":"1","value":"2","metadata":{"outbox.cloudevent.myapp":"myapp1","data":"a","id":"b"}}}""");
        var delivered = await app.NextAsync();
        Assert.Equal(("2", "myapp1"), (delivered.Json.GetProperty("data").GetString(), delivered.Json.GetProperty("outbox.cloudevent.myapp").GetString()));
        Assert.StartsWith("outbox-", delivered.Json.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal(("test", "mypubsub", "outboxtest"), (delivered.Json.GetProperty("topic").GetString(), delivered.Json.GetProperty("pubsubname").GetString(), delivered.Json.GetProperty("source").GetString()));
        await TransactAsync(daprd, """{"operation":"delete","request":{"key":"1","metadata":{"outbox.cloudevent.myapp":"myapp2"}}}""");
        // The next upsert overtakes nothing: the deletion would have come before it.
        await TransactAsync(daprd, """{"operation":"upsert","request":{"key":"9","value":"last"}}""");
        Assert.Equal("last", (await app.NextAsync()).Json.GetProperty("data").GetString());
        Assert.False(app.TryNext(out _));
    }

    [Fact]
    public async Task A_projection_is_published_in_place_of_what_is_stored()
    {
        await using var app = await TestApp.StartAsync("[]");
        await using var daprd = await StartAsync(app.Port, "http");
        await TransactAsync(daprd, """{"operation":"upsert","request":{"key":"1","value":"2"}},{"operation":"upsert","request":{"key":"1","value":"3","metadata":{"outbox.projection":"true"}}}""");
        Assert.Equal("3", (await app.NextAsync()).Json.GetProperty("data").GetString());
        Assert.Equal("\"2\"", (await daprd.GetAsync("/v1.0/state/mystore/1")).Body);
        Assert.False(app.TryNext(out _));
    }

    [Fact]
    public async Task The_content_type_of_the_operation_is_that_of_the_event()
    {
        await using var app = await TestApp.StartAsync("[]");
        await using var daprd = await StartAsync(app.Port, "http");
        await TransactAsync(daprd, """{"operation":"upsert","request":{"key":"1","value":{"a":1},"metadata":{"contentType":"application/json"}}}""");
        var json = (await app.NextAsync()).Json;
        Assert.Equal(("application/json", 1), (json.GetProperty("datacontenttype").GetString(), json.GetProperty("data").GetProperty("a").GetInt32()));
    }

    [Fact]
    public async Task A_transaction_over_grpc_is_published_with_its_bytes_and_projections()
    {
        var events = new BlockingCollection<TopicEventRequest>();
        await using var app = new GrpcTestApp
        {
            OnTopicEvent = (request, _) =>
            {
                events.Add(request);
                return Task.FromResult(new TopicEventResponse());
            },
        };
        await app.StartAsync();
        await using var daprd = await StartAsync(app.Port, "grpc");
        await daprd.Grpc.ExecuteStateTransactionAsync(Upserts(("1", "2", false)));
        Assert.True(events.TryTake(out var first, TimeSpan.FromSeconds(20)));
        Assert.Equal("2", first.Data.ToStringUtf8());
        await daprd.Grpc.ExecuteStateTransactionAsync(Upserts(("1", "4", false), ("1", "5", true)));
        Assert.True(events.TryTake(out var second, TimeSpan.FromSeconds(20)));
        Assert.Equal("5", second.Data.ToStringUtf8());
        Assert.Equal("4", (await daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "1" })).Data.ToStringUtf8());
        Assert.Empty(events);
    }

    [Fact]
    public async Task It_works_without_an_app()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppId = "another", Resources = [Store, Manifests.InMemoryPubSub("mypubsub"), Subscription] });
        var metadata = await daprd.Grpc.GetMetadataAsync(new GetMetadataRequest());
        Assert.Equal((2, 0), (metadata.RegisteredComponents.Count, metadata.Subscriptions.Count));
        await TransactAsync(daprd, """{"operation":"upsert","request":{"key":"1","value":"2"}}""");
        await daprd.Grpc.ExecuteStateTransactionAsync(Upserts(("1", "2", false)));
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task A_refused_transaction_publishes_nothing()
    {
        await using var app = await TestApp.StartAsync("[]");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppId = "outboxtest",
            AppPort = app.Port,
            Resources = [Store.Replace("  metadata:\n", "  metadata:\n  - name: outboxDiscardWhenMissingState\n    value: \"true\"\n", StringComparison.Ordinal), Manifests.InMemoryPubSub("mypubsub"), Subscription],
        });
        var answer = await daprd.PostAsync("/v1.0/state/mystore/transaction", """{"operations":[{"operation":"upsert","request":{"key":"1","value":"never","etag":"0"}}]}""");
        Assert.Equal("ERR_STATE_TRANSACTION", answer.Code);
        await daprd.LoggedAsync("discarding message");
        await TransactAsync(daprd, """{"operation":"upsert","request":{"key":"1","value":"after"}}""");
        Assert.Equal("after", (await app.NextAsync()).Json.GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_broker_that_refuses_fails_the_transaction_and_nothing_is_stored()
    {
        var plug = new TestPubSub { OnPublish = (_, _) => throw new RpcException(new Status(StatusCode.Unknown, "outbox error")) };
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Environment = new Dictionary<string, string> { [PluggableOptions.FolderVariable] = server.Folder },
            Resources =
            [
                Manifests.Component("pubsub-outbox", "pubsub.component"),
                Manifests.InMemoryState("state-outbox", ("outboxPublishPubsub", "pubsub-outbox"), ("outboxPublishTopic", "goodTopic"), ("outboxPubsub", "pubsub-outbox"), ("outboxDiscardWhenMissingState", "false")),
            ],
        });
        const string Text = "error while publishing outbox message: rpc error: code = Unknown desc = outbox error";
        var answer = await daprd.PostAsync("/v1.0/state/state-outbox/transaction", """{"operations": [{"operation": "upsert","request": {"key": "key1","value": "val1"}},{"operation": "delete","request": {"key": "key2"}}],"metadata": {"partitionKey": "key2"}}""");
        Assert.Equal((HttpStatusCode.InternalServerError, "application/json", "ERR_PUBLISH_OUTBOX", Text), (answer.Status, answer.ContentType, answer.Code, answer.Message));
        Assert.Equal((1, "DAPR_PUBSUB_OUTBOX"), (answer.DetailCount, answer.Detail("ErrorInfo").GetProperty("reason").GetString()));
        var request = Upserts(("key1", "val1", false));
        request.StoreName = "state-outbox";
        var (error, status) = await daprd.Grpc.ExecuteStateTransactionAsync(request).FailsAsync();
        Assert.Equal((StatusCode.Internal, Text, "DAPR_PUBSUB_OUTBOX"), (error.StatusCode, error.Status.Detail, status.Info().Reason));
        Assert.Equal(HttpStatusCode.NoContent, (await daprd.GetAsync("/v1.0/state/state-outbox/key1")).Status);
        Assert.Equal($"default{daprd.AppId}goodTopicoutbox", plug.Published.First().Topic);
    }

    [Fact]
    public async Task With_a_durable_broker_and_store_nothing_is_lost_when_the_sidecar_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("outbox-").FullName;
        await using var app = await TestApp.StartAsync("[]");
        await using (var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppId = "outboxtest",
            AppPort = app.Port,
            Resources =
            [
                Manifests.Component("mystore", "state.sqlite", ("connectionString", Path.Combine(folder, "state.db")), ("outboxPublishPubsub", "mypubsub"), ("outboxPublishTopic", "test")),
                Manifests.Component("mypubsub", "pubsub.rocksdb", ("path", Path.Combine(folder, "log")), ("partitions", "1")),
                Subscription,
            ],
        }))
        {
            for (var i = 0; i < 20; i++)
                await TransactAsync(daprd, $$$"""{"operation":"upsert","request":{"key":"{{{i}}}","value":"{{{i}}}"}}""");
            await daprd.KillAsync();
            await daprd.RestartAsync();
            var missing = Enumerable.Range(0, 20).Select(i => $"{i}").ToHashSet();
            while (missing.Count > 0)
                missing.Remove((await app.NextAsync()).Json.GetProperty("data").GetString()!);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static Task<Daprd> StartAsync(int port, string protocol) => Daprd.StartAsync(new DaprdSetup
    {
        AppId = "outboxtest",
        AppPort = port,
        AppProtocol = protocol,
        Resources = [Store, Manifests.InMemoryPubSub("mypubsub"), Subscription],
    });

    private static ExecuteStateTransactionRequest Upserts(params (string Key, string Value, bool IsProjection)[] items)
    {
        var request = new ExecuteStateTransactionRequest { StoreName = "mystore" };
        foreach (var (key, value, isProjection) in items)
        {
            var item = new StateItem { Key = key, Value = ByteString.CopyFromUtf8(value) };
            if (isProjection)
                item.Metadata["outbox.projection"] = "true";
            request.Operations.Add(new TransactionalStateOperation { OperationType = "upsert", Request = item });
        }

        return request;
    }

    private static async Task TransactAsync(Daprd daprd, string operations)
    {
        var answer = await daprd.PostAsync("/v1.0/state/mystore/transaction", $$"""{"operations":[{{operations}}]}""");
        Assert.True(answer is { Status: HttpStatusCode.NoContent, Body: "" }, answer.Body);
    }
}
