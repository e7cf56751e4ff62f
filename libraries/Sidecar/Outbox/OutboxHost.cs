using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Outbox;

/// <summary>Keeps a relay running for each state store with an outbox whose broker is there, as components come and go.</summary>
internal sealed class OutboxHost : IHostedService, IComponentObserver, IDisposable
{
    private const int MaxBatchCount = 100;

    private readonly ComponentCatalog _catalog;
    private readonly SidecarOptions _options;
    private readonly TimeProvider _time;
    private readonly BrokerGate _gate;
    private readonly ILogger<OutboxHost> _logger;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Dictionary<(string Store, OutboxSettings Settings), IAsyncDisposable> _running = [];
    private readonly CancellationTokenSource _stopping = new();

    public OutboxHost(ComponentCatalog catalog, SidecarOptions options, TimeProvider time, BrokerGate gate, ILogger<OutboxHost> logger)
    {
        _catalog = catalog;
        _options = options;
        _time = time;
        _gate = gate;
        _logger = logger;
        catalog.Observe(this);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReconcileAsync(cancellationToken);
        foreach (var (store, settings) in Wanted().Where(wanted => !_running.ContainsKey(wanted)))
            Log.OutboxPubSubMissing(_logger, settings.PubSub, store);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await ReconcileAsync(cancellationToken);
    }

    public Task AddedAsync(SidecarComponent component, CancellationToken cancellationToken)
    {
        if (_catalog.StateStore(component.Spec.Name) is { IsEncrypted: true })
        {
            Log.EncryptionEnabled(_logger, component.Spec.Name);
            Log.EncryptionLimit(_logger);
        }

        return ReconcileAsync(cancellationToken);
    }

    public Task RemovedAsync(SidecarComponent component, CancellationToken cancellationToken) => ReconcileAsync(cancellationToken, component);

    public void Dispose()
    {
        _changing.Dispose();
        _stopping.Dispose();
    }

    private IEnumerable<(string Store, OutboxSettings Settings)> Wanted() =>
        _stopping.IsCancellationRequested ? [] : from component in _catalog.Components let store = _catalog.StateStore(component.Spec.Name) where store?.Outbox is not null select (store.Name, store.Outbox);

    /// <param name="gone">A component that must not be used any longer.</param>
    private async Task ReconcileAsync(CancellationToken cancellationToken, SidecarComponent? gone = null)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var wanted = Wanted().ToHashSet();
            foreach (var (outbox, subscription) in _running.ToArray())
            {
                if (wanted.Contains(outbox) && outbox.Settings.PubSub != gone?.Spec.Name)
                    continue;
                _running.Remove(outbox);
                await subscription.DisposeAsync();
            }

            foreach (var outbox in wanted.Where(outbox => !_running.ContainsKey(outbox)))
            {
                if (_catalog.PubSub(outbox.Settings.PubSub) is { } pubsub)
                    _running.Add(outbox, await SubscribeAsync(outbox.Store, outbox.Settings, pubsub, cancellationToken));
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private Task<IAsyncDisposable> SubscribeAsync(string store, OutboxSettings settings, PubSubComponent pubsub, CancellationToken cancellationToken)
    {
        var relay = new OutboxRelay(store, settings, _catalog, _time, _gate, _logger, _stopping.Token);
        var subscription = new SubscribeOptions
        {
            Topic = pubsub.BrokerTopic(settings.InternalTopic(_options)),
            Group = pubsub.Group,
            MaxBatchCount = MaxBatchCount,
        };
        return pubsub.Broker.SubscribeAsync(pubsub.RetryDelay is { } delay ? subscription with { RetryDelay = delay } : subscription, relay.HandleAsync, cancellationToken);
    }
}
