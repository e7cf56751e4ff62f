using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>The two ways of a stream: events out, one answer for each back. An event without its answer holds up only this stream.</summary>
internal sealed class EventStream(long connection, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> responses, ILogger logger) : IEventSender, IAsyncDisposable
{
    private static readonly DeliveryOutcome Gone = new(Verdict.Retry, "stream closed");

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<TaskCompletionSource<Status>>> _awaited = new(StringComparer.Ordinal);

    public long Connection => connection;

    /// <summary>Tells the client that it is subscribed: no event leaves before.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(new SubscribeTopicEventsResponseAlpha1 { InitialResponse = new SubscribeTopicEventsResponseInitialAlpha1() }, cancellationToken);
        _opened.TrySetResult();
    }

    /// <summary>Takes answers until the client has no more, or the stream is closed.</summary>
    public async Task ReadAnswersAsync(IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, cancellationToken);
        try
        {
            while (await requests.MoveNext(linked.Token))
            {
                var answer = requests.Current.EventProcessed ?? throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unknown, "duplicate initial request received"));
                Take(answer.Id, answer.Status?.Status ?? Status.Success);
            }
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            throw new RpcException(new global::Grpc.Core.Status(StatusCode.Unknown, "stream closed"));
        }
    }

    public async Task<DeliveryOutcome> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        if (GrpcEvents.Single(outgoing.Event, outgoing.Definition, outgoing.Path, out var cause) is not { } message)
            return new DeliveryOutcome(Verdict.Retry, $"error returned from app while processing pub/sub event: {cause}");
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, cancellationToken);
        var answer = Await(message.Id);
        try
        {
            await _opened.Task.WaitAsync(linked.Token);
            await WriteAsync(new SubscribeTopicEventsResponseAlpha1 { EventMessage = message }, linked.Token);
            return AppAnswers.Outcome(await answer.Task.WaitAsync(linked.Token), message.Id);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The client has left, or never read: the event is somebody else's.
            return _closed.IsCancellationRequested ? Gone : new DeliveryOutcome(Verdict.Retry, $"error returned from app while processing pub/sub event {message.Id}: {exception.Message}");
        }
        finally
        {
            Forget(message.Id, answer);
        }
    }

    /// <summary>Ends whoever waits for this stream. Has no effect on one whose call has ended.</summary>
    public void Close()
    {
        try
        {
            _closed.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The client left while the sidecar ended its streams: its call has closed it.
        }
    }

    public ValueTask DisposeAsync()
    {
        _writing.Dispose();
        _closed.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteAsync(SubscribeTopicEventsResponseAlpha1 response, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await responses.WriteAsync(response, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private TaskCompletionSource<Status> Await(string id)
    {
        var answer = new TaskCompletionSource<Status>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_awaited.TryGetValue(id, out var queue))
                _awaited.Add(id, queue = new Queue<TaskCompletionSource<Status>>());
            queue.Enqueue(answer);
        }

        return answer;
    }

    /// <summary>Events with one id, from different partitions, are answered in turn.</summary>
    private void Take(string id, Status status)
    {
        TaskCompletionSource<Status>? answer = null;
        lock (_gate)
        {
            if (_awaited.TryGetValue(id, out var queue))
                queue.TryDequeue(out answer);
        }

        if (answer is null)
            Log.AnswerUnexpected(logger, id, connection);
        else
            answer.TrySetResult(status);
    }

    private void Forget(string id, TaskCompletionSource<Status> answer)
    {
        lock (_gate)
        {
            if (!_awaited.TryGetValue(id, out var queue))
                return;
            if (queue.Contains(answer))
                _awaited[id] = queue = new Queue<TaskCompletionSource<Status>>(queue.Where(other => other != answer));
            if (queue.Count == 0)
                _awaited.Remove(id);
        }
    }
}
