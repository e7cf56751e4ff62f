using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Health;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// Waits for the app, asks it for its subscriptions, runs them. They stop before the API does: an app may publish
/// while it handles its last delivery.
/// </summary>
internal sealed class SubscriptionHost : IHostedLifecycleService, IDisposable
{
    private readonly ComponentCatalog _catalog;
    private readonly SidecarOptions _options;
    private readonly Readiness _readiness;
    private readonly AppConnection _connection;
    private readonly AppHealth _health;
    private readonly DeliveryServices _services;
    private readonly ILogger<SubscriptionHost> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private IReadOnlyList<TopicSubscriber> _subscribers = [];
    private IReadOnlyList<SubscriptionDefinition> _listed = [];
    private IReadOnlyList<ResourceDocument> _declarative = [];

    public SubscriptionHost(
        ComponentCatalog catalog,
        SidecarOptions options,
        Readiness readiness,
        AppConnection connection,
        AppHealth health,
        AppChannel app,
        TimeProvider time,
        SidecarMetrics metrics,
        SidecarTracing tracing,
        ILogger<SubscriptionHost> logger)
    {
        _catalog = catalog;
        _options = options;
        _readiness = readiness;
        _connection = connection;
        _health = health;
        _logger = logger;
        _services = new DeliveryServices(app, time, metrics, tracing, logger);
    }

    /// <summary>What the app asked for, whether or not its component exists.</summary>
    public IReadOnlyList<SubscriptionDefinition> Subscriptions => Volatile.Read(ref _listed);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
        await Task.WhenAll(_subscribers.Select(subscriber => subscriber.StopAsync(_options.GracefulShutdown)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var subscriber in _subscribers)
            subscriber.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Takes the documents of <c>kind: Subscription</c>, in the order of the files, in place of those before.</summary>
    public Task SetDeclarativeAsync(IReadOnlyList<ResourceDocument> documents)
    {
        _declarative = documents;
        return Task.CompletedTask;
    }

    /// <summary>Ends deliveries for good while the API goes on; returns when those that run have ended.</summary>
    public async Task StopDeliveriesAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken);
        await Task.WhenAll(_subscribers.Select(subscriber => subscriber.StopAsync(Timeout.InfiniteTimeSpan))).WaitAsync(cancellationToken);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connection.DiscoveredAsync(cancellationToken);
            if (_connection.HasApp && !_options.AppProtocol.IsGrpc())
            {
                // An app that is not healthy yet holds up its subscriptions, not the API.
                if (_health.IsChecked)
                    _readiness.SetReady();
                await _health.FirstHealthyAsync(cancellationToken);
                await AskAsync("/dapr/config", cancellationToken);
                var (status, body) = await AskAsync("/dapr/subscribe", cancellationToken);
                if (status == HttpStatusCode.OK)
                    await SubscribeAsync(body, cancellationToken);
            }

            _readiness.SetReady();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped before the app came.
        }
        catch (Exception exception)
        {
            // Readiness stays off: that is what tells the outside.
            Log.SubscriptionsFailed(_logger, exception, _options.AppId);
        }
    }

    /// <summary>Asks until there is an answer that is no server error: an app may still be starting behind its port.</summary>
    private async Task<(HttpStatusCode Status, byte[] Body)> AskAsync(string path, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_services.Time);
        while (true)
        {
            string cause;
            try
            {
                var answer = await _services.App.GetAsync(path, cancellationToken);
                if ((int)answer.Status < 500)
                    return answer;
                cause = $"status {(int)answer.Status}";
            }
            catch (HttpRequestException exception)
            {
                cause = exception.Message;
            }

            Log.AppCallFailed(_logger, _options.AppId, path, cause, backoff.Current);
            await backoff.FailedAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task SubscribeAsync(byte[] json, CancellationToken cancellationToken)
    {
        IReadOnlyList<SubscriptionDefinition> accepted;
        IReadOnlyList<RefusedSubscription> refused;
        try
        {
            (accepted, refused) = SubscriptionList.Parse(json);
        }
        catch (JsonException exception)
        {
            Log.SubscriptionRefused(_logger, _options.AppId, "*", "*", $"the answer of /dapr/subscribe is no list of subscriptions: {exception.Message}");
            return;
        }

        foreach (var subscription in refused)
            Log.SubscriptionRefused(_logger, _options.AppId, subscription.Topic, subscription.PubSub, subscription.Fault);
        Volatile.Write(ref _listed, accepted);

        var subscribers = new List<TopicSubscriber>();
        foreach (var definition in accepted)
        {
            if (_catalog.PubSub(definition.PubSub) is { } component)
                subscribers.Add(new TopicSubscriber(definition, component, _services));
            else
                Log.SubscriptionRefused(_logger, _options.AppId, definition.Topic, definition.PubSub, "found no such component; expected the name of a pub/sub component that this app's scope contains");
        }

        _subscribers = subscribers;
        await Task.WhenAll(subscribers.Select(subscriber => StartAsync(subscriber, cancellationToken)));
    }

    private async Task StartAsync(TopicSubscriber subscriber, CancellationToken cancellationToken)
    {
        var definition = subscriber.Definition;
        var backoff = new Backoff(_services.Time);
        while (true)
        {
            try
            {
                await subscriber.StartAsync(cancellationToken);
                Log.Subscribed(_logger, _options.AppId, definition.Topic, definition.PubSub, string.Join(", ", definition.Rules.Select(rule => rule.Path)), subscriber.Group);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.SubscriptionRefused(_logger, _options.AppId, definition.Topic, definition.PubSub, $"{exception.Message} (tried again in {backoff.Current})");
                await backoff.FailedAsync(cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
