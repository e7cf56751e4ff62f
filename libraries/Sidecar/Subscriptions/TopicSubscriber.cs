using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What a delivery needs of the sidecar.</summary>
internal sealed record DeliveryServices(AppChannel App, TimeProvider Time, SidecarMetrics Metrics, SidecarTracing Tracing, ILogger Logger);

/// <summary>One running subscription: takes batches from the broker and hands them to the app.</summary>
internal sealed class TopicSubscriber(SubscriptionDefinition definition, PubSubComponent component, DeliveryServices services) : IDisposable
{
    private readonly IDelivery _delivery = definition.Bulk is null
        ? new SingleDelivery(definition, component, services)
        : new BulkDelivery(definition, component, services);

    private readonly Backoff _backoff = new(services.Time);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _grace = new();
    private IAsyncDisposable? _subscription;

    public SubscriptionDefinition Definition => definition;

    public string Group => component.Group;

    public bool IsActive => _subscription is not null;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = new SubscribeOptions
        {
            Topic = component.BrokerTopic(definition.Topic),
            Group = component.Group,
            Metadata = definition.Metadata,
            FromOldest = component.FromOldest,
            MaxBatchCount = definition.Bulk?.MaxMessages ?? 1,
            MaxBatchWait = definition.Bulk?.MaxWait ?? TimeSpan.Zero,
        };
        if (component.RetryDelay is { } delay)
            options = options with { RetryDelay = delay };
        _subscription = await component.Broker.SubscribeAsync(options, HandleAsync, cancellationToken);
    }

    /// <summary>Takes no further batches, lets running deliveries end within the grace, then cancels them.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _stopping.CancelAsync();
        if (_subscription is null)
            return;
        var stopped = _subscription.DisposeAsync().AsTask();
        try
        {
            await stopped.WaitAsync(grace, services.Time);
        }
        catch (TimeoutException)
        {
            Log.GraceExceeded(services.Logger, definition.Topic, grace);
            await _grace.CancelAsync();
            await stopped;
        }
    }

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        _stopping.Dispose();
        _grace.Dispose();
    }

    private async Task<DeliveryResult> HandleAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        if (component.AppTopic(batch.Topic) is var topic && topic != batch.Topic)
            batch = batch with { Topic = topic };
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _grace.Token);
        try
        {
            var result = await _delivery.DeliverAsync(batch, linked.Token);
            _backoff.Succeeded();
            return result;
        }
        catch (AppUnreachableException exception)
        {
            Log.DeliveryRetried(services.Logger, batch.Messages.Count, batch.Topic, exception.Message);
            services.Metrics.Delivered(component.Name, batch.Topic, "retry", definition.Bulk is not null, batch.Messages.Count);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            await _backoff.FailedAsync(waiting.Token);
            return DeliveryResult.RefuseAll(batch.Messages.Count);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            return DeliveryResult.RefuseAll(batch.Messages.Count);
        }
    }
}

/// <summary>A way to hand a batch to the app. Throws <see cref="AppUnreachableException"/> where it gives no answer.</summary>
internal interface IDelivery
{
    Task<DeliveryResult> DeliverAsync(DeliveryBatch batch, CancellationToken cancellationToken);
}
