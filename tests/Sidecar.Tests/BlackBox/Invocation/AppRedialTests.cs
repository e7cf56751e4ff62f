using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary>Apps whose connections break and that are slow to take up the next: they are not given up in the middle of its handshake.</summary>
public sealed class AppRedialTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("grpc")]
    [InlineData("grpcs")]
    public async Task Grpc_app_is_invoked_again_after_its_connection_broke_however_slow_the_next_one_is(string protocol)
    {
        await using var app = new GrpcTestApp
        {
            OnInvoke = (_, _) => Task.FromResult(new InvokeResponse { Data = new Any { Value = ByteString.CopyFromUtf8("pong") }, ContentType = "text/plain" }),
        };
        await app.StartAsync(certificate: protocol == "grpcs" ? TestCertificate.Create() : null);
        await using var relay = new AppRelay(app.Port);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = relay.Port, AppProtocol = protocol });
        Assert.Equal("pong", await InvokeAsync());

        relay.Stall(Slow);
        relay.CloseAccepted();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await InvokeAsync() == "pong";
                }
                catch (RpcException exception)
                {
                    Assert.DoesNotContain("error reading server preface", exception.Status.Detail, StringComparison.Ordinal);
                    return false;
                }
            },
            () => $"an answer after the connection broke\n{daprd.Log}");

        async Task<string> InvokeAsync()
        {
            var response = await daprd.Grpc.InvokeServiceAsync(new InvokeServiceRequest
            {
                Id = daprd.AppId,
                Message = new InvokeRequest { Method = "ping", HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Get } },
            });
            return response.Data.Value.ToStringUtf8();
        }
    }

    [Fact]
    public async Task Grpc_app_gets_events_again_after_its_connection_broke_however_slow_the_next_one_is()
    {
        using var delivered = new SemaphoreSlim(0);
        await using var app = new GrpcTestApp
        {
            ListTopicSubscriptions = _ => Task.FromResult(new ListTopicSubscriptionsResponse { Subscriptions = { new TopicSubscription { PubsubName = "mypubsub", Topic = "mytopic", Routes = new TopicRoutes { Default = "/myroute" } } } }),
            OnTopicEvent = (request, _) =>
            {
                Assert.Equal("/myroute", request.Path);
                delivered.Release();
                return Task.FromResult(new TopicEventResponse());
            },
        };
        await app.StartAsync();
        await using var relay = new AppRelay(app.Port);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = relay.Port, AppProtocol = "grpc", Resources = [Manifests.InMemoryPubSub("mypubsub")] });
        await DeliveredAsync();

        relay.Stall(Slow);
        relay.CloseAccepted();
        while (await delivered.WaitAsync(0))
        {
            // What came before does not count.
        }

        await DeliveredAsync();
        Assert.DoesNotContain("error reading server preface", daprd.Log, StringComparison.Ordinal);

        // In-memory keeps nothing: what is published while the app is away is lost.
        Task DeliveredAsync() => Eventually.TrueAsync(
            async () =>
            {
                await daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "mypubsub", Topic = "mytopic", Data = ByteString.CopyFromUtf8("""{"status": "completed"}""") });
                return await delivered.WaitAsync(TimeSpan.FromSeconds(3));
            },
            () => $"a delivery\n{daprd.Log}");
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Http_app_is_invoked_again_after_its_connection_broke_however_slow_the_next_one_is(string protocol)
    {
        await using var app = await WebTestApp.StartAsync(_ => Task.CompletedTask, certificate: protocol == "https" ? TestCertificate.Create() : null);
        await using var relay = new AppRelay(app.Port);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = relay.Port, AppProtocol = protocol });
        Assert.Equal(200, await InvokeAsync());
        relay.Stall(Slow);
        relay.CloseAccepted();
        await Eventually.TrueAsync(async () => await InvokeAsync() == 200, () => $"an answer after the connection broke\n{daprd.Log}");

        async Task<int> InvokeAsync() => (int)(await daprd.GetAsync($"/v1.0/invoke/{daprd.AppId}/method/x")).Status;
    }
}
