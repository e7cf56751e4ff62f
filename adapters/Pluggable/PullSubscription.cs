using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;
using Client = RealTimeMesh.Pluggable.Protocol.PubSub.PubSubClient;

namespace RealTimeMesh.Pluggable;

/// <summary>
/// One subscription: a stream on which messages come down and acknowledgements go up. Handles one batch at a time, so that a
/// slow subscriber holds back the component through the stream's flow control. Opens the stream again when it breaks.
/// </summary>
internal sealed class PullSubscription : IAsyncDisposable
{
    private readonly ComponentConnection _connection;
    private readonly SubscribeOptions _subscription;
    private readonly DeliveryHandler _handler;
    private readonly PluggableOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    private PullSubscription(ComponentConnection connection, SubscribeOptions subscription, DeliveryHandler handler, PluggableOptions options, TimeProvider time, ILogger logger)
    {
        (_connection, _subscription, _handler, _options, _time, _logger) = (connection, subscription, handler, options, time, logger);
    }

    /// <summary>Opens the stream; throws where the component refuses it at once.</summary>
    public static async Task<IAsyncDisposable> StartAsync(
        ComponentConnection connection, SubscribeOptions subscription, DeliveryHandler handler, PluggableOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var pull = new PullSubscription(connection, subscription, handler, options, time, logger);
        var stream = await pull.OpenAsync(cancellationToken).ConfigureAwait(false);
        pull._running = Task.Run(() => pull.RunAsync(stream), CancellationToken.None);
        return pull;
    }

    /// <summary>Takes no more messages, waits for the running handler, tells the component its result and ends the stream. What came but was not handled is neither acknowledged nor refused.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
            await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task<PullStream> OpenAsync(CancellationToken cancellationToken)
    {
        await _connection.ReadyAsync(cancellationToken).ConfigureAwait(false);
        var call = new Client(_connection.Invoker).PullMessages(cancellationToken: CancellationToken.None);
        try
        {
            var topic = new Topic { Name = _subscription.Topic };
            foreach (var (name, value) in _subscription.Metadata)
                topic.Metadata[name] = value;
            await call.RequestStream.WriteAsync(new PullMessagesRequest { Topic = topic }, cancellationToken).ConfigureAwait(false);
            return new PullStream(call, _subscription, _time);
        }
        catch (RpcException e)
        {
            call.Dispose();
            throw CallErrors.Convert(e, _connection.Socket, cancellationToken);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private async Task RunAsync(PullStream first)
    {
        PullStream? stream = first;
        var pause = _options.ReconnectDelay;
        while (stream is not null)
        {
            if (await PumpAsync(stream).ConfigureAwait(false))
                pause = _options.ReconnectDelay;
            await stream.EndAsync(_options.StreamEndTimeout).ConfigureAwait(false);
            stream = null;
            while (stream is null && !_stopping.IsCancellationRequested)
            {
                stream = await ReopenAsync(pause).ConfigureAwait(false);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, _options.MaxReconnectDelay.Ticks));
            }
        }
    }

    private async Task<PullStream?> ReopenAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(false);
            var stream = await OpenAsync(_stopping.Token).ConfigureAwait(false);
            Log.Resubscribed(_logger, _subscription.Topic);
            return stream;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is ComponentCallException or InvalidOperationException)
        {
            Log.ResubscribeFailed(_logger, _subscription.Topic, e.Message);
            return null;
        }
    }

    /// <summary>Handles batches until the stream ends or the subscription stops. True where at least one message came.</summary>
    private async Task<bool> PumpAsync(PullStream stream)
    {
        var any = false;
        try
        {
            while (await stream.NextAsync(_stopping.Token).ConfigureAwait(false) is { } batch)
            {
                any = true;
                await HandleAsync(stream, batch).ConfigureAwait(false);
            }

            if (!_stopping.IsCancellationRequested)
                Log.StreamEnded(_logger, _subscription.Topic);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            // The stream broke (also while an acknowledgement was written): unacknowledged messages come again from the component.
            if (!_stopping.IsCancellationRequested)
                Log.ReceiveFailed(_logger, e.Message);
        }

        return any;
    }

    private async Task HandleAsync(PullStream stream, PulledBatch batch)
    {
        DeliveryResult result;
        var reason = "the message was refused and must be delivered again";
        try
        {
            result = await _handler(batch.Delivery, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped before it was decided: neither acknowledged nor refused.
            return;
        }
#pragma warning disable CA1031 // A handler may fail with anything: the component is told and delivers again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.HandlerFailed(_logger, e, batch.Delivery.Topic);
            result = DeliveryResult.RefuseAll(batch.Ids.Count);
            reason = e.Message;
        }

        for (var i = 0; i < batch.Ids.Count; i++)
        {
            var acknowledgement = new PullMessagesRequest { AckMessageId = batch.Ids[i] };
            if (result.Refused.Contains(i))
            {
                // The subscription ends: the component keeps the message for whoever comes next.
                if (result.IsAbandoned)
                    continue;
                acknowledgement.AckError = new AckMessageError { Message = reason };
            }

            await stream.AcknowledgeAsync(acknowledgement).ConfigureAwait(false);
        }
    }
}
