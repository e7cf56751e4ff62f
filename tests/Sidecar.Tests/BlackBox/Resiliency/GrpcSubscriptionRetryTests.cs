using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using RealTimeMesh.Sidecar.Tests.Harness;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Resiliency;

public sealed class GrpcSubscriptionRetryTests
{
    [Fact]
    public async Task A_grpc_app_that_fails_gets_an_event_five_times_under_four_retries()
    {
        var calls = System.Threading.Channels.Channel.CreateUnbounded<string>();
        await using var app = new GrpcTestApp
        {
            ListTopicSubscriptions = _ => Task.FromResult(new ListTopicSubscriptionsResponse
            {
                Subscriptions = { new TopicSubscription { PubsubName = "mypub", Topic = "a", Routes = new TopicRoutes { Default = "/a" } }, new TopicSubscription { PubsubName = "mypub", Topic = "end", Routes = new TopicRoutes { Default = "/end" } } },
            }),
            OnTopicEvent = (request, _) =>
            {
                calls.Writer.TryWrite(request.Path);
                return request.Path == "/a" ? throw new RpcException(new Status(StatusCode.Unknown, "my custom error")) : Task.FromResult(new TopicEventResponse());
            },
        };
        await app.StartAsync();
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, AppProtocol = "grpc", Resources = InboundRetries.Resources });

        await InboundRetries.PublishAsync(daprd, "a");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        for (var i = 0; i < 5; i++)
            Assert.Equal("/a", await calls.Reader.ReadAsync(limit.Token));
        await InboundRetries.PublishAsync(daprd, "end");

        Assert.Equal("/end", await calls.Reader.ReadAsync(limit.Token));
    }

    [Fact]
    public async Task A_stream_that_answers_retry_gets_an_event_five_times_under_four_retries()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = InboundRetries.Resources });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        using var stream = daprd.Grpc.SubscribeTopicEventsAlpha1(cancellationToken: limit.Token);
        await stream.RequestStream.WriteAsync(new SubscribeTopicEventsRequestAlpha1 { InitialRequest = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = "mypub", Topic = "a" } }, limit.Token);
        Assert.True(await stream.ResponseStream.MoveNext(limit.Token));
        Assert.NotNull(stream.ResponseStream.Current.InitialResponse);

        await InboundRetries.PublishAsync(daprd, "a");
        string? id = null;
        for (var i = 0; i < 5; i++)
        {
            var message = await NextAsync();
            Assert.Equal(("a", "mypub", "/", id ?? message.Id), (message.Topic, message.PubsubName, message.Path, message.Id));
            id = message.Id;
            await AnswerAsync(id, TopicEventResponse.Types.TopicEventResponseStatus.Retry);
        }

        await InboundRetries.PublishAsync(daprd, "a");
        Assert.NotEqual(id, (await NextAsync()).Id);
        await stream.RequestStream.CompleteAsync();

        async Task<TopicEventRequest> NextAsync()
        {
            Assert.True(await stream.ResponseStream.MoveNext(limit.Token));
            return stream.ResponseStream.Current.EventMessage;
        }

        Task AnswerAsync(string answered, TopicEventResponse.Types.TopicEventResponseStatus status) => stream.RequestStream.WriteAsync(
            new SubscribeTopicEventsRequestAlpha1 { EventProcessed = new SubscribeTopicEventsRequestProcessedAlpha1 { Id = answered, Status = new TopicEventResponse { Status = status } } },
            limit.Token);
    }
}
