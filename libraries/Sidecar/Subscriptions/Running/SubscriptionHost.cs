using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Health;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// Runs the sidecar's subscriptions: those of resource files, those the app asks for once it is healthy, and streams. They
/// stop before the API does: an app may publish while it handles its last delivery.
/// </summary>
internal sealed class SubscriptionHost : IHostedLifecycleService, IComponentObserver, IDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

    private readonly ComponentCatalog _catalog;
    private readonly SidecarOptions _options;
    private readonly Readiness _readiness;
    private readonly AppConnection _connection;
    private readonly AppHealth _health;
    private readonly AppSubscriptions _app;
    private readonly SubscriptionSet _subscriptions;
    private readonly StreamSubscriptions _streams;
    private readonly ILogger<SubscriptionHost> _logger;
    private readonly SubscriptionDocumentSet _documents;
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>One place: whoever follows looks at how things are, not at how often they changed.</summary>
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Task _running = Task.CompletedTask;
    private bool _isConfigured;
    private bool _isAsked;

    public SubscriptionHost(
        ComponentCatalog catalog,
        SidecarOptions options,
        Readiness readiness,
        AppConnection connection,
        AppHealth health,
        AppSubscriptions app,
        SubscriptionSet subscriptions,
        StreamSubscriptions streams,
        ILogger<SubscriptionHost> logger)
    {
        _catalog = catalog;
        _options = options;
        _readiness = readiness;
        _connection = connection;
        _health = health;
        _app = app;
        _subscriptions = subscriptions;
        _streams = streams;
        _logger = logger;
        _documents = new SubscriptionDocumentSet(options.AppId, logger);
        catalog.Observe(this);
        health.Changed += OnHealthChanged;
    }

    /// <summary>What is asked for, whether or not its component exists.</summary>
    public IReadOnlyList<SubscriptionDefinition> Subscriptions => [.. _subscriptions.Listed, .. _streams.Listed];

    /// <summary>
    /// The Subscription resources as they now are: subscriptions whose document has gone or changed end, with their deliveries, new
    /// ones start.
    /// </summary>
    public Task SetDeclarativeAsync(IReadOnlyList<ResourceDocument> documents, CancellationToken cancellationToken = default) =>
        _subscriptions.SetDeclarativeAsync(_documents.Update(documents), cancellationToken);

    /// <summary>
    /// Ends all deliveries for good while the API goes on. Running ones may end; cancelling leaves them to it and only ends the wait.
    /// </summary>
    public Task StopDeliveriesAsync(CancellationToken cancellationToken) => EndAsync(DrainLimit).WaitAsync(cancellationToken);

    public async Task AddedAsync(SidecarComponent component, CancellationToken cancellationToken)
    {
        if (component.Instance is not IPubSubBroker)
            return;
        await _subscriptions.RefreshAsync(cancellationToken);
        // The first one is a reason to ask the app.
        _changes.Writer.TryWrite(true);
    }

    public async Task RemovedAsync(SidecarComponent component, CancellationToken cancellationToken)
    {
        if (component.Instance is not IPubSubBroker)
            return;
        await Task.WhenAll(_subscriptions.RefreshAsync(cancellationToken), _streams.EndAsync(component.Spec.Name, DrainLimit));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _health.Changed -= OnHealthChanged;
        await _stopping.CancelAsync();
        await EndAsync(_options.GracefulShutdown);
        await _running;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private Task EndAsync(TimeSpan grace) => Task.WhenAll(_subscriptions.EndAsync(grace), _streams.EndAsync(grace));

    private void OnHealthChanged(AppStatus status) => _changes.Writer.TryWrite(true);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connection.DiscoveredAsync(cancellationToken);
            // An app that is not healthy yet holds up its subscriptions, not the API. One that is may be called from the start.
            if (_health.IsChecked)
                await _health.FirstProbedAsync(cancellationToken);
            if (!_connection.HasApp || _health.IsChecked)
                _readiness.SetReady();
            if (_connection.HasApp)
                await FollowAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            // Readiness stays off: that is what tells the outside.
            Log.SubscriptionsFailed(_logger, exception);
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_health.IsHealthy)
            {
                await ActivateAsync(cancellationToken);
                _readiness.SetReady();
            }
            else
            {
                await _subscriptions.DeactivateAsync(cancellationToken);
            }

            await _changes.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <summary>The app is asked once, when it is healthy for the first time and there is a component to subscribe to.</summary>
    private async Task ActivateAsync(CancellationToken cancellationToken)
    {
        if (!_isConfigured)
        {
            await _app.LoadConfigurationAsync(cancellationToken);
            _isConfigured = true;
        }

        IReadOnlyList<SubscriptionDefinition>? programmatic = null;
        if (!_isAsked && _catalog.HasPubSubs)
        {
            programmatic = (await _app.AskAsync(cancellationToken)).Accepted;
            _isAsked = true;
        }

        await _subscriptions.ActivateAsync(programmatic, cancellationToken);
    }
}
