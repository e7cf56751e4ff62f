using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable;

/// <summary>Messages that were taken off a stream together, with the ids that acknowledge them.</summary>
internal sealed record PulledBatch(DeliveryBatch Delivery, IReadOnlyList<string> Ids);

/// <summary>One stream of messages. Gathers batches; has at most one batch and one message in hand.</summary>
internal sealed class PullStream(AsyncDuplexStreamingCall<PullMessagesRequest, PullMessagesResponse> call, SubscribeOptions options, TimeProvider time)
{
    private Task<bool>? _next;
    private long _number;

    /// <summary>The next batch; null where the stream has ended or the wait was cancelled.</summary>
    public async Task<PulledBatch?> NextAsync(CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested || !await ArrivesAsync(stopping).ConfigureAwait(false))
            return null;
        var topic = Current.TopicName;
        var messages = new List<DeliveredMessage>();
        var ids = new List<string>();
        var bytes = Take(messages, ids);
        var filled = options.MaxBatchCount <= 1 || Deadline(stopping) is not { } deadline
            ? Task.CompletedTask
            : deadline;
        while (messages.Count < options.MaxBatchCount && bytes < options.MaxBatchBytes)
        {
            _next ??= call.ResponseStream.MoveNext(CancellationToken.None);
            if (!_next.IsCompleted)
                await Task.WhenAny(_next, filled).ConfigureAwait(false);
            // What is left to come (or its failure) is the next batch's.
            if (!_next.IsCompletedSuccessfully || !_next.Result || Current.TopicName != topic || bytes + Current.Data.Length > options.MaxBatchBytes)
                break;
            bytes += Take(messages, ids);
        }

        return new PulledBatch(new DeliveryBatch(topic.Length > 0 ? topic : options.Topic, -1, messages), ids);
    }

    public Task AcknowledgeAsync(PullMessagesRequest acknowledgement) => call.RequestStream.WriteAsync(acknowledgement);

    /// <summary>Ends the stream after what was written; cuts it where the component does not end its side in time.</summary>
    public async Task EndAsync(TimeSpan timeout)
    {
        try
        {
            await call.RequestStream.CompleteAsync().WaitAsync(timeout, time).ConfigureAwait(false);
            // The component ends its side once it has read all; messages it still sends are not taken.
            using var cut = new CancellationTokenSource(timeout, time);
            while (await (_next ?? call.ResponseStream.MoveNext(cut.Token)).WaitAsync(cut.Token).ConfigureAwait(false))
                _next = null;
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException or OperationCanceledException or TimeoutException)
        {
            // Broken or too slow: cutting it is what remains.
        }

        call.Dispose();
    }

    private PullMessagesResponse Current => call.ResponseStream.Current;

    private async Task<bool> ArrivesAsync(CancellationToken stopping)
    {
        _next ??= call.ResponseStream.MoveNext(CancellationToken.None);
        if (!_next.IsCompleted)
        {
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = stopping.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped).ConfigureAwait(false);
            await Task.WhenAny(_next, stopped.Task).ConfigureAwait(false);
            if (!_next.IsCompleted)
                return false;
        }

        return await _next.ConfigureAwait(false);
    }

    private Task? Deadline(CancellationToken stopping) =>
        options.MaxBatchWait > TimeSpan.Zero ? Task.Delay(options.MaxBatchWait, time, stopping) : null;

    private int Take(List<DeliveredMessage> messages, List<string> ids)
    {
        var message = Current;
        messages.Add(PubSubMessages.Delivered(message, _number++, time.GetUtcNow().ToUnixTimeMilliseconds()));
        ids.Add(message.Id);
        _next = null;
        return message.Data.Length;
    }
}
