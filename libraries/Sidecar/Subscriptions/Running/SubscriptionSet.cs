using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// The app's subscriptions: which are asked for, and those of them that run. Whatever changes, the running ones are brought
/// in line: those no longer wanted end first, with their deliveries, then the new ones start.
/// </summary>
internal sealed class SubscriptionSet(ComponentCatalog catalog, DeliveryFactory deliveries, DeliveryServices services) : IAsyncDisposable
{
    /// <summary>How long running deliveries may take to end while the sidecar goes on.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Lock _gate = new();
    private readonly List<TopicSubscriber> _running = [];
    private SubscriptionTable _table = SubscriptionTable.Empty;
    private IReadOnlyList<SubscriptionDefinition> _listed = [];
    private bool _isActive;
    private volatile bool _hasEnded;

    /// <summary>What is asked for, whether or not it runs. One that ends is gone at once, one that starts is there when it runs.</summary>
    public IReadOnlyList<SubscriptionDefinition> Listed => Volatile.Read(ref _listed);

    /// <summary>What resource files ask for; definitions that stay must be the same objects.</summary>
    public Task SetDeclarativeAsync(IReadOnlyList<SubscriptionDefinition> definitions, CancellationToken cancellationToken) =>
        ChangeAsync(table => table with { Declarative = definitions }, cancellationToken);

    /// <summary>The app takes deliveries.</summary>
    /// <param name="programmatic">What the app asks for, where it has just been asked; null leaves it as it was.</param>
    public Task ActivateAsync(IReadOnlyList<SubscriptionDefinition>? programmatic, CancellationToken cancellationToken) => ChangeAsync(
        table =>
        {
            _isActive = true;
            return programmatic is null ? table : table with { Programmatic = programmatic };
        },
        cancellationToken);

    /// <summary>The app takes no deliveries for now.</summary>
    public Task DeactivateAsync(CancellationToken cancellationToken) => ChangeAsync(
        table =>
        {
            _isActive = false;
            return table;
        },
        cancellationToken);

    /// <summary>Brings the running subscriptions in line with the components there are.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => ChangeAsync(table => table, cancellationToken);

    /// <summary>Ends all deliveries for good. May be called again with another grace.</summary>
    public async Task EndAsync(TimeSpan grace)
    {
        _hasEnded = true;
        await Task.WhenAll(Running().Select(subscriber => subscriber.DrainAsync(grace)));
        await StopAsync(Running(), grace);
        // A change that was under way may have started more.
        await _changing.WaitAsync();
        _changing.Release();
        await StopAsync(Running(), grace);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subscriber in Running())
            await subscriber.DisposeAsync();
        _changing.Dispose();
    }

    private async Task ChangeAsync(Func<SubscriptionTable, SubscriptionTable> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            _table = change(_table);
            var wanted = _table.Merged();
            Volatile.Write(ref _listed, [.. Listed.Where(wanted.Contains)]);
            await ReconcileAsync(wanted, cancellationToken);
            Volatile.Write(ref _listed, wanted);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task ReconcileAsync(IReadOnlyList<SubscriptionDefinition> wanted, CancellationToken cancellationToken)
    {
        var running = Running();
        var leaving = running.Where(subscriber => !_isActive || !wanted.Contains(subscriber.Definition) || catalog.PubSub(subscriber.Definition.PubSub) != subscriber.Component).ToList();
        await StopAsync(leaving, DrainLimit);
        lock (_gate)
            _running.RemoveAll(leaving.Contains);
        foreach (var subscriber in leaving)
            await subscriber.DisposeAsync();

        if (!_isActive || _hasEnded)
            return;
        var known = running.Except(leaving).Select(subscriber => subscriber.Definition).ToHashSet();
        var coming = wanted.Where(definition => !known.Contains(definition)).Select(Create).OfType<TopicSubscriber>().ToList();
        lock (_gate)
            _running.AddRange(coming);
        await Task.WhenAll(coming.Select(subscriber => subscriber.StartAsync(cancellationToken)));
    }

    /// <summary>Null where the subscription has to wait for its component, or is not allowed.</summary>
    private TopicSubscriber? Create(SubscriptionDefinition definition)
    {
        if (catalog.PubSub(definition.PubSub) is not { } component)
            return null;
        if (!component.Scopes.MaySubscribe(definition.Topic))
        {
            Log.SubscriptionRefused(services.Logger, definition.Topic, definition.PubSub, "not allowed by the component's topic scopes");
            return null;
        }

        return new TopicSubscriber(definition, component, deliveries.ForApp(definition, component), services);
    }

    private async Task StopAsync(IReadOnlyList<TopicSubscriber> subscribers, TimeSpan grace) =>
        await Task.WhenAll(subscribers.Select(async subscriber =>
        {
            try
            {
                await subscriber.StopAsync(grace);
            }
            catch (Exception exception)
            {
                // The others still have to end; the broker has said why this one could not.
                Log.StopFailed(services.Logger, exception, subscriber.Definition.Topic, subscriber.Definition.PubSub);
            }
        }));

    private List<TopicSubscriber> Running()
    {
        lock (_gate)
            return [.. _running];
    }
}
