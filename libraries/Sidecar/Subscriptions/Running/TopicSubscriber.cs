using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>One running subscription: takes batches from the broker and hands them to its delivery.</summary>
internal sealed class TopicSubscriber(SubscriptionDefinition definition, PubSubComponent component, IDelivery delivery, DeliveryServices services) : IAsyncDisposable
{
    /// <summary>Of brokers whose deliveries would only wait for a full batch.</summary>
    private const string Immediate = "BULK_SUBSCRIBE_IMMEDIATE";

    private const int QuietPolls = 5;

    private static readonly TimeSpan QuietPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseLimit = TimeSpan.FromSeconds(5);

    private readonly Backoff _backoff = new(services.Time);
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _grace = new();
    private IAsyncDisposable? _subscription;
    private readonly Lock _gate = new();
    private Task _starting = Task.CompletedTask;
    private Task? _stopped;
    private int _drained;
    private int _running;

    public SubscriptionDefinition Definition => definition;

    public PubSubComponent Component => component;

    /// <summary>Joins the topic. Where the broker refuses, it is tried again in the background until the subscription is stopped.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await JoinAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.SubscriptionFailed(services.Logger, component.Name, definition.Topic, exception.Message);
            _starting = RetryAsync();
        }
    }

    /// <summary>Joins the topic, or throws what the broker says.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        _subscription = await component.Broker.SubscribeAsync(Options(), HandleAsync, cancellationToken);
        Log.Subscribed(services.Logger, definition.Topic, component.Name, component.Group);
    }

    /// <summary>
    /// Before the end of the sidecar: asks a broker that can to hold new messages back, and lets those it has already sent flow
    /// to the app. A broker that cannot is left as it is.
    /// </summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        if (component.Broker is not IPausableBroker broker || Interlocked.Exchange(ref _drained, 1) == 1 || !await PauseAsync(broker))
            return;
        var began = services.Time.GetTimestamp();
        for (var quiet = 0; quiet < QuietPolls && services.Time.GetElapsedTime(began) < limit; quiet = Volatile.Read(ref _running) > 0 ? 0 : quiet + 1)
            await Task.Delay(QuietPoll, services.Time);
    }

    /// <summary>Takes no further batches, lets running deliveries end within the grace, then cancels them. May be called again with another grace.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await CancelAsync(_closing);
        Task stopped;
        lock (_gate)
            stopped = _stopped ??= LeaveAsync();
        try
        {
            await stopped.WaitAsync(grace, services.Time);
        }
        catch (TimeoutException)
        {
            Log.GraceExceeded(services.Logger, definition.Topic, grace);
            await CancelAsync(_grace);
            await stopped;
        }
    }

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public ValueTask DisposeAsync()
    {
        _closing.Dispose();
        _grace.Dispose();
        return ValueTask.CompletedTask;
    }

    // A client that leaves and the end of the sidecar stop it at once, and the first disposes of it: nothing is left to be cancelled then.
    private static async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // Stopped already.
        }
    }

    private async Task LeaveAsync()
    {
        await _starting;
        if (_subscription is not null)
            await _subscription.DisposeAsync();
    }

    private SubscribeOptions Options()
    {
        var options = new SubscribeOptions
        {
            Topic = component.BrokerTopic(definition.Topic),
            Group = component.Group,
            Metadata = definition.Metadata,
            FromOldest = component.FromOldest,
            MaxBatchCount = definition.Bulk?.MaxMessages ?? 1,
            MaxBatchWait = component.Broker.Capabilities.Names.Contains(Immediate) ? TimeSpan.Zero : definition.Bulk?.MaxWait ?? TimeSpan.Zero,
        };
        return component.RetryDelay is { } delay ? options with { RetryDelay = delay } : options;
    }

    private async Task RetryAsync()
    {
        var backoff = new Backoff(services.Time);
        while (!_closing.IsCancellationRequested)
        {
            await backoff.FailedAsync(_closing.Token);
            try
            {
                _closing.Token.ThrowIfCancellationRequested();
                await JoinAsync(_closing.Token);
                Log.SubscriptionRecovered(services.Logger, component.Name, definition.Topic);
                return;
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.SubscriptionFailed(services.Logger, component.Name, definition.Topic, exception.Message);
            }
        }
    }

    private async Task<DeliveryResult> HandleAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        if (_closing.IsCancellationRequested)
            return DeliveryResult.Abandon(batch.Messages.Count);
        Interlocked.Increment(ref _running);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_grace.Token);
        // A broker that goes down by itself cuts deliveries off; one that is told to end this subscription lets them finish.
        await using var down = cancellationToken.UnsafeRegister(
            static state =>
            {
                var (subscriber, running) = ((TopicSubscriber, CancellationTokenSource))state!;
                if (!subscriber._closing.IsCancellationRequested)
                    running.Cancel();
            },
            (this, linked));
        try
        {
            var outcome = await delivery.DeliverAsync(batch, _closing.Token, linked.Token);
            if (outcome.IsUnreachable)
                await BackOffAsync(cancellationToken);
            else
                _backoff.Succeeded();
            return outcome.Result;
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            return DeliveryResult.Abandon(batch.Messages.Count);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task<bool> PauseAsync(IPausableBroker broker)
    {
        Log.SubscriptionPausing(services.Logger, definition.Topic);
        using var limit = new CancellationTokenSource(PauseLimit, services.Time);
        try
        {
            return await broker.PauseAsync(limit.Token);
        }
        catch (Exception exception)
        {
            // Then it ends as one that cannot be paused does.
            Log.PauseFailed(services.Logger, exception, definition.Topic);
            return false;
        }
    }

    /// <summary>An app in trouble is not helped by megabytes ten times a second. Brokers that bring nothing again need no pause.</summary>
    private async Task BackOffAsync(CancellationToken cancellationToken)
    {
        if (!component.Broker.Capabilities.Redelivers)
            return;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _backoff.FailedAsync(waiting.Token);
    }
}
