using Dapr.AppCallback.Autogen.Grpc.v1;
using Grpc.Core;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

/// <summary>A gRPC app that takes events of every path.</summary>
internal sealed class GrpcSubscriber : Subscriber
{
    public GrpcSubscriber()
    {
        App.OnTopicEvent = HandleAsync;
        App.OnBulkTopicEvent = HandleBulkAsync;
        App.HealthCheck = _ =>
        {
            CountProbe();
            return IsHealthy ? Task.FromResult(new HealthCheckResponse()) : throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unknown, "app not healthy"));
        };
        App.ListTopicSubscriptions = _ =>
        {
            CountAsked();
            if (Asks is null)
                throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unimplemented, "none"));
            return Task.FromResult(new ListTopicSubscriptionsResponse { Subscriptions = { Asks.Select(wanted => wanted.Message()) } });
        };
    }

    public GrpcTestApp App { get; } = new();

    public override int Port => App.Port;

    public override string Protocol => "grpc";

    public override Task StartAsync(int port) => App.StartAsync(port);

    public override Task StopAsync() => App.StopAsync();

    public override ValueTask DisposeAsync() => App.DisposeAsync();

    private async Task<TopicEventResponse> HandleAsync(TopicEventRequest request, ServerCallContext context) => await TakeAsync(new Received
    {
        Path = request.Path,
        Topic = request.Topic,
        PubSub = request.PubsubName,
        Id = request.Id,
        Source = request.Source,
        Type = request.Type,
        SpecVersion = request.SpecVersion,
        ContentType = request.DataContentType,
        Data = request.Data.ToByteArray(),
        Headers = Headers(context),
    }) switch
    {
        Reply.Fail => throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unknown, "my error")),
        Reply.Missing => throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unimplemented, "missing")),
        var reply => new TopicEventResponse { Status = StatusOf(reply) },
    };

    private async Task<TopicEventBulkResponse> HandleBulkAsync(TopicEventBulkRequest request, ServerCallContext context)
    {
        var headers = Headers(context);
        var replies = await TakeAsync([.. request.Entries.Select(entry => Entry(request, entry, headers))]);
        if (replies.Contains(Reply.Missing))
            throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unimplemented, "missing"));
        if (replies.Contains(Reply.Fail))
            throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unknown, "my error"));
        return new TopicEventBulkResponse
        {
            Statuses = { request.Entries.Select((entry, i) => new TopicEventBulkResponseEntry { EntryId = entry.EntryId, Status = StatusOf(replies[i]) }) },
        };
    }

    private static Received Entry(TopicEventBulkRequest request, TopicEventBulkRequestEntry entry, IReadOnlyDictionary<string, string> headers) =>
        entry.CloudEvent is { } e
            ? new Received
            {
                Path = request.Path,
                Topic = request.Topic,
                PubSub = request.PubsubName,
                Id = e.Id,
                Source = e.Source,
                Type = e.Type,
                SpecVersion = e.SpecVersion,
                ContentType = e.DataContentType,
                Data = e.Data.ToByteArray(),
                Headers = headers,
            }
            : new Received { Path = request.Path, Topic = request.Topic, PubSub = request.PubsubName, ContentType = entry.ContentType, Data = entry.Bytes.ToByteArray(), Headers = headers };

    private static Status StatusOf(Reply reply) => reply switch { Reply.Retry => Status.Retry, Reply.Drop => Status.Drop, _ => Status.Success };

    private static Dictionary<string, string> Headers(ServerCallContext context) => context.RequestHeaders
        .GroupBy(entry => entry.Key)
        .ToDictionary(group => group.Key, group => group.First() is { IsBinary: true } binary ? Convert.ToHexString(binary.ValueBytes) : group.First().Value);
}
