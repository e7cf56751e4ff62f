using Grpc.Core;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable.Testing;

internal sealed class PubSubService(TestPubSub behaviour) : PubSub.PubSubBase
{
    public override async Task<PubSubInitResponse> Init(PubSubInitRequest request, ServerCallContext context)
    {
        if (behaviour.InitError is { } error)
            throw error;
        behaviour.Initialized.Enqueue(new Dictionary<string, string>(request.Metadata.Properties));
        await behaviour.OnInit(context.CancellationToken);
        return new PubSubInitResponse();
    }

    public override Task<FeaturesResponse> Features(FeaturesRequest request, ServerCallContext context) =>
        Task.FromResult(new FeaturesResponse { Features = { behaviour.Features } });

    public override Task<PingResponse> Ping(PingRequest request, ServerCallContext context) => Task.FromResult(new PingResponse());

    public override async Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context)
    {
        behaviour.Published.Enqueue(request);
        await behaviour.OnPublish(request, context.CancellationToken);
        return new PublishResponse();
    }

    public override async Task<BulkPublishResponse> BulkPublish(BulkPublishRequest request, ServerCallContext context)
    {
        behaviour.PublishedBulks.Enqueue(request);
        if (behaviour.OnBulkPublish is { } handle)
            return await handle(request, context.CancellationToken);
        foreach (var entry in request.Entries)
            await behaviour.OnPublish(new PublishRequest { Data = entry.Event, Topic = request.Topic, PubsubName = request.PubsubName, Metadata = { entry.Metadata } }, context.CancellationToken);
        return new BulkPublishResponse();
    }

    public override async Task PullMessages(IAsyncStreamReader<PullMessagesRequest> requestStream, IServerStreamWriter<PullMessagesResponse> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken))
            return;
        var topic = requestStream.Current.Topic;
        behaviour.Subscriptions.Enqueue(topic);
        if (behaviour.OnPull is { } handle)
        {
            await handle(topic, requestStream, responseStream, context.CancellationToken);
            return;
        }

        // Ends when the subscriber has ended its side, as the components of Dapr's own tests.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var sending = SendAsync(responseStream, ended.Token);
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
                await behaviour.Acknowledgements.Writer.WriteAsync(requestStream.Current, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The subscriber is gone.
        }

        await ended.CancelAsync();
        await sending;
    }

    public override Task<PauseResponse> Pause(PauseRequest request, ServerCallContext context)
    {
        behaviour.Pause(true);
        return Task.FromResult(new PauseResponse());
    }

    public override Task<ResumeResponse> Resume(ResumeRequest request, ServerCallContext context)
    {
        behaviour.Pause(false);
        return Task.FromResult(new ResumeResponse());
    }

    private async Task SendAsync(IServerStreamWriter<PullMessagesResponse> stream, CancellationToken ended)
    {
        try
        {
            while (await behaviour.Deliveries.Reader.WaitToReadAsync(ended))
            {
                while (!behaviour.IsPaused && behaviour.Deliveries.Reader.TryRead(out var message))
                    await stream.WriteAsync(message, ended);
                if (behaviour.IsPaused)
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, ended);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The stream is over.
        }
    }
}
