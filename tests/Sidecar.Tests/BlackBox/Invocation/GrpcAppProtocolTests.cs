using System.Collections.Concurrent;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary>gRPC apps with and without TLS, in every way a sidecar calls its app.</summary>
public sealed class GrpcAppProtocolTests
{
    public static TheoryData<string, bool, string, bool> Protocols => new()
    {
        { "grpc", false, "grpc", false },
        { "grpcs", false, "grpcs", true },
        { "grpc", true, "grpcs", true },
    };

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task App_is_asked_delivered_to_and_invoked_in_its_protocol(string flag, bool ssl, string protocol, bool tls)
    {
        var calls = new ConcurrentDictionary<string, bool>();
        var delivered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var healthy = true;
        await using var app = new GrpcTestApp
        {
            HealthCheck = call =>
            {
                See(call);
                return Volatile.Read(ref healthy) ? Task.FromResult(new HealthCheckResponse()) : throw new RpcException(new Status(StatusCode.Unknown, "app not healthy"));
            },
            ListTopicSubscriptions = call =>
            {
                See(call);
                return Task.FromResult(new ListTopicSubscriptionsResponse { Subscriptions = { new TopicSubscription { PubsubName = "pub", Topic = "a" } } });
            },
            OnTopicEvent = (request, call) =>
            {
                See(call);
                delivered.TrySetResult(request.Data.ToStringUtf8());
                return Task.FromResult(new TopicEventResponse());
            },
            OnInvoke = (request, call) =>
            {
                See(call);
                return Task.FromResult(new InvokeResponse { Data = new Any { Value = request.Data.Value }, ContentType = request.Method });
            },
        };
        await app.StartAsync(certificate: tls ? TestCertificate.Create() : null);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            AppProtocol = flag,
            AppHealthCheck = true,
            AppHealthProbeInterval = 1,
            AppHealthThreshold = 1,
            Resources = [Manifests.InMemoryPubSub("pub")],
            Flags = ssl ? ["--app-ssl"] : [],
        });
        await using var other = await Daprd.StartAsync();
        await daprd.HasHealthyAppAsync();
        Assert.Equal(protocol, (await daprd.MetadataAsync()).GetProperty("appConnectionProperties").GetProperty("protocol").GetString());

        await Eventually.TrueAsync(async () => DaprdReads.List(await daprd.MetadataAsync(), "subscriptions").Length == 1, () => "the app's subscription");
        using (var published = await daprd.Http.PostAsync("/v1.0/publish/pub/a", new StringContent("x")))
            Assert.True(published.IsSuccessStatusCode);
        Assert.Equal("x", await delivered.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));

        foreach (var caller in (Daprd[])[daprd, other])
        {
            var answer = await caller.PostAsync($"/v1.0/invoke/{daprd.AppId}/method/hello", "body");
            Assert.Equal(("body", "hello"), (answer.Body, answer.ContentType));
        }

        Volatile.Write(ref healthy, false);
        await Eventually.TrueAsync(async () => (await daprd.PostAsync($"/v1.0/invoke/{daprd.AppId}/method/hello")).Body.Contains("app is not in a healthy state", StringComparison.Ordinal), () => daprd.Log);
        Assert.Equal(["HealthCheck", "ListTopicSubscriptions", "OnInvoke", "OnTopicEvent"], calls.Keys.Order(StringComparer.Ordinal));
        Assert.All(calls.Values, seen => Assert.Equal(tls, seen));

        void See(ServerCallContext call) => calls[call.Method[(call.Method.LastIndexOf('/') + 1)..]] = call.GetHttpContext().Request.IsHttps;
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("grpcs")]
    public async Task Own_service_of_the_app_is_called_in_its_protocol(string protocol)
    {
        await using var app = await GrpcEchoApp.StartAsync(protocol == "grpcs" ? TestCertificate.Create() : null);
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, AppProtocol = protocol });
        await using var caller = await Daprd.StartAsync();
        foreach (var sidecar in (Daprd[])[callee, caller])
        {
            var invoker = sidecar.Channel.CreateCallInvoker();
            var options = new CallOptions([new("dapr-app-id", callee.AppId)]);
            Assert.Equal("x", await invoker.AsyncUnaryCall(GrpcEchoApp.Unary, null, options, "x"));
            using var stream = invoker.AsyncDuplexStreamingCall(GrpcEchoApp.Stream, null, options);
            for (var i = 0; i < 3; i++)
            {
                await stream.RequestStream.WriteAsync($"{i}");
                Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));
                Assert.Equal($"echo {i}", stream.ResponseStream.Current);
            }

            await stream.RequestStream.CompleteAsync();
            Assert.False(await stream.ResponseStream.MoveNext(default));
        }
    }
}
