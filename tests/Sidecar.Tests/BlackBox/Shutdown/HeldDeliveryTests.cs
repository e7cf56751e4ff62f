using System.Runtime.InteropServices;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Pluggable;
using RealTimeMesh.Pluggable.Protocol;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Shutdown;

/// <summary>
/// Sidecars that end while the app holds a message of a component: that one is acknowledged as ever, later ones are neither
/// acknowledged nor refused, as the component would take a refusal for a fault of the app and send them to the dead letters.
/// </summary>
public sealed class HeldDeliveryTests : IAsyncLifetime
{
    private const string Event = """{"data":{"foo":"helloworld"},"datacontenttype":"application/json","id":"b959cd5a-29e5-42ca-89e2-c66f4402f273","pubsubname":"mypub","source":"foo","specversion":"1.0","time":"2024-03-27T23:47:53Z","topic":"a","type":"com.dapr.event.sent"}""";
    private const string Declared = "apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata:\n  name: mysub\nspec:\n  pubsubname: mypub\n  topic: a\n  routes:\n    default: /a\n";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GrpcTestApp _grpc = new();
    private volatile bool _healthy = true;
    private volatile bool _asks;
    private HttpApp _http = null!;

    public async ValueTask InitializeAsync()
    {
        _http = await HttpApp.StartAsync(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/dapr/subscribe":
                    await context.Response.WriteAsync(_asks ? """[{"pubsubname":"mypub","topic":"a","route":"/a"}]""" : "[]");
                    break;
                case "/healthz":
                    context.Response.StatusCode = _healthy ? 200 : 503;
                    break;
                case "/a":
                    await HoldAsync();
                    break;
            }
        });
        _grpc.HealthCheck = _ => _healthy ? Task.FromResult(new HealthCheckResponse()) : throw new RpcException(new Status(StatusCode.Unknown, "not healthy"));
        _grpc.ListTopicSubscriptions = _ => Task.FromResult(_asks ? new ListTopicSubscriptionsResponse { Subscriptions = { new TopicSubscription { PubsubName = "mypub", Topic = "a", Routes = new TopicRoutes { Default = "/a" } } } } : new());
        _grpc.OnInvoke = (_, _) => Task.FromResult(new InvokeResponse());
        _grpc.OnTopicEvent = async (_, _) =>
        {
            await HoldAsync();
            return new TopicEventResponse();
        };
        await _grpc.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _release.TrySetResult();
        await _http.DisposeAsync();
        await _grpc.DisposeAsync();
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("http", true)]
    [InlineData("grpc", false)]
    [InlineData("grpc", true)]
    public async Task Held_message_is_acknowledged_before_the_end_and_a_later_one_is_left_to_the_component(string protocol, bool asks)
    {
        _asks = asks;
        var plug = new TestPubSub();
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await StartAsync(server, protocol);
        Assert.Single(DaprdReads.List(await daprd.MetadataAsync(), "subscriptions"));
        plug.Deliver(Message());
        await _arrived.Task.WaitAsync(Limit, TimeProvider.System);
        daprd.Signal(PosixSignal.SIGINT);
        await ClosedAsync(daprd, plug);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        _release.SetResult();
        await AcknowledgedAsync(plug);
        plug.Deliver(Message());
        await EndedAsync(daprd);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Held_message_of_a_stream_is_acknowledged_before_the_end_and_a_later_one_is_left_to_the_component()
    {
        var plug = new TestPubSub();
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await StartAsync(server, null);
        using var stream = daprd.Grpc.SubscribeTopicEventsAlpha1();
        await stream.RequestStream.WriteAsync(new SubscribeTopicEventsRequestAlpha1 { InitialRequest = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = "mypub", Topic = "a" } });
        Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(Limit, TimeProvider.System));
        plug.Deliver(Message());
        Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(Limit, TimeProvider.System));
        var held = stream.ResponseStream.Current.EventMessage;
        Assert.Equal("a", held.Topic);

        daprd.Signal(PosixSignal.SIGINT);
        await ClosedAsync(daprd, plug);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        await stream.RequestStream.WriteAsync(new SubscribeTopicEventsRequestAlpha1
        {
            EventProcessed = new SubscribeTopicEventsRequestProcessedAlpha1 { Id = held.Id, Status = new TopicEventResponse { Status = TopicEventResponse.Types.TopicEventResponseStatus.Success } },
        });
        await AcknowledgedAsync(plug);
        plug.Deliver(Message());
        await EndedAsync(daprd);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Held_message_is_acknowledged_during_the_block_and_a_later_one_is_left_to_the_component_while_the_api_goes_on()
    {
        var plug = new TestPubSub();
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await StartAsync(server, "grpc", "180s");
        await HeldAsync(daprd, plug);
        daprd.Signal(PosixSignal.SIGINT);
        await daprd.LoggedAsync("Blocking graceful shutdown for 3m0s");
        await ClosedAsync(daprd, plug);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        _release.SetResult();
        await AcknowledgedAsync(plug);

        plug.Deliver(Message());
        for (var i = 0; i < 20; i++)
            await InvokeAsync(daprd);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        _healthy = false;
        await EndedAsync(daprd);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Message_that_is_held_beyond_the_block_is_acknowledged_before_the_end_and_a_later_one_is_left_to_the_component()
    {
        var plug = new TestPubSub();
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await StartAsync(server, "grpc", "180s");
        await HeldAsync(daprd, plug);
        daprd.Signal(PosixSignal.SIGINT);
        await daprd.LoggedAsync("Blocking graceful shutdown for 3m0s");
        _healthy = false;
        await daprd.LoggedAsync("Dapr is shutting down");
        plug.Deliver(Message());
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        _release.SetResult();
        await AcknowledgedAsync(plug);
        await EndedAsync(daprd);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Component_is_asked_to_pause_and_the_held_message_is_acknowledged_whether_it_can_or_not(bool pausable)
    {
        _asks = true;
        var plug = new TestPubSub { Pausable = pausable };
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await StartAsync(server, "http", "2s", health: false);
        await HeldAsync(daprd, plug);
        daprd.Signal(PosixSignal.SIGINT);
        await Eventually.TrueAsync(() => plug.PauseCalls >= 1, () => $"a call of Pause\n{daprd.Log}");
        Assert.Equal(pausable, plug.IsPaused);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        _release.SetResult();
        await AcknowledgedAsync(plug);
        await EndedAsync(daprd);
        plug.Deliver(Message());
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
    }

    private Task<Daprd> StartAsync(PluggableComponentServer server, string? protocol, string? block = null, bool health = true) => Daprd.StartAsync(new DaprdSetup
    {
        AppPort = protocol switch { null => null, "grpc" => _grpc.Port, _ => _http.Port },
        AppProtocol = protocol ?? "http",
        AppHealthCheck = block is not null && health,
        AppHealthProbeInterval = 1,
        AppHealthThreshold = 1,
        Resources = _asks || protocol is null ? [Manifests.Component("mypub", "pubsub.component")] : [Manifests.Component("mypub", "pubsub.component"), Declared],
        Flags = block is null ? [] : [$"--dapr-block-shutdown-duration={block}"],
        Environment = new Dictionary<string, string> { [PluggableOptions.FolderVariable] = server.Folder },
    });

    private static PullMessagesResponse Message() => new() { Data = ByteString.CopyFromUtf8(Event), Id = "foo", TopicName = "a" };

    private async Task HeldAsync(Daprd daprd, TestPubSub plug)
    {
        plug.Deliver(Message());
        await Eventually.TrueAsync(() => _arrived.Task.IsCompleted, () => $"the message in the app\n{daprd.Log}");
    }

    /// <summary>
    /// Waits until the sidecar ends its subscriptions: it asks the component to pause just before that. A message that comes earlier
    /// is still the app's.
    /// </summary>
    private static async Task ClosedAsync(Daprd daprd, TestPubSub plug)
    {
        await Eventually.TrueAsync(() => plug.PauseCalls >= 1, () => $"a call of Pause\n{daprd.Log}");
        for (var i = 0; i < 50; i++)
            await daprd.GetAsync("/v1.0/healthz");
    }

    private static async Task EndedAsync(Daprd daprd)
    {
        var code = await daprd.ExitedAsync();
        Assert.True(code == 0, $"exit code {code}\n{daprd.Log}");
    }

    private static async Task AcknowledgedAsync(TestPubSub plug)
    {
        using var limit = new CancellationTokenSource(Limit);
        var acknowledgement = await plug.Acknowledgements.Reader.ReadAsync(limit.Token);
        Assert.Equal(("foo", null), (acknowledgement.AckMessageId, acknowledgement.AckError));
    }

    private static async Task InvokeAsync(Daprd daprd) => await daprd.Grpc.InvokeServiceAsync(new InvokeServiceRequest
    {
        Id = daprd.AppId,
        Message = new InvokeRequest { Method = "foo", HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Post } },
    });

    private Task HoldAsync()
    {
        _arrived.TrySetResult();
        return _release.Task;
    }
}
