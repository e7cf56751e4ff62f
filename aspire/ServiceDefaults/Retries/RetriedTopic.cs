using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>
/// Consumes a topic so that no event holds up those behind it: one that fails for the time being is put on a tier's topic and
/// acknowledged, and tried again when its tier's delay is over; one that can never be handled, or has failed in the last tier, is a dead
/// letter. An event is acknowledged only once it is stored elsewhere, so none is lost; after a crash the last ones are handled again.
/// </summary>
public sealed class RetriedTopic
{
    /// <summary>Brokers that deliver a batch again as a whole are told by so many events which of it were done.</summary>
    private const int MaxRemembered = 10_000;

    private readonly RetryParts _parts;
    private readonly Remembered _done = new(MaxRemembered);

    public RetriedTopic(string topic, string consumer, RetryOptions options, TopicHandler handler, RetryParts parts)
    {
        if (options.KeepKeyOrder && parts.Waits is null)
            throw new ArgumentException($"topic '{topic}': found KeepKeyOrder without a state store; expected one, to keep which keys wait", nameof(options));
        Topic = topic;
        Consumer = consumer;
        Options = options;
        Handler = handler;
        DeadLetterTopic = options.DeadLetterTopic ?? $"{topic}.dlq";
        Tiers = RetryTier.Of(topic, consumer, options.Tiers);
        _parts = parts;
    }

    public string Topic { get; }

    public string Consumer { get; }

    public RetryOptions Options { get; }

    public string DeadLetterTopic { get; }

    public IReadOnlyList<RetryTier> Tiers { get; }

    internal TopicHandler Handler { get; }

    /// <summary>Handles a delivery of the topic, or of one of its tiers.</summary>
    /// <param name="events">The events.</param>
    /// <param name="tier">Where they waited; null for the topic itself.</param>
    /// <param name="cancellationToken">Ends the delivery: what was not answered comes again.</param>
    public async Task<IReadOnlyList<DeliveryStatus>> HandleAsync(IReadOnlyList<DeliveredEvent> events, RetryTier? tier, CancellationToken cancellationToken)
    {
        var statuses = new DeliveryStatus[events.Count];
        var trails = new RetryTrail[events.Count];
        for (var i = 0; i < trails.Length; i++)
            trails[i] = _parts.Adapt(events[i], RetryTrail.Of(events[i], Topic, _parts.Time));
        if (tier is not null)
            await HoldAsync(trails, tier, cancellationToken);

        var now = _parts.Time.GetUtcNow();
        var run = new RetryRun(this, tier, _parts);
        await run.LearnAsync(events, cancellationToken);
        for (var i = 0; i < events.Count; i++)
        {
            if (tier is not null && trails[i].DueAt > now)
                statuses[i] = DeliveryStatus.Retry;
            else if (_done.Contains(Place(tier, events[i], trails[i])))
                continue;
            else if (!Redrive.Of(events[i]).IsFor(Consumer))
                continue;
            else
                statuses[i] = await run.HandleAsync(i, events[i], trails[i], cancellationToken);
        }

        foreach (var index in await run.SettleAsync(cancellationToken))
            statuses[index] = DeliveryStatus.Retry;
        Remember(tier, events, trails, statuses);
        if (tier is not null)
            _parts.Metrics.Head(Consumer, tier.Topic, trails.Where((_, i) => statuses[i] == DeliveryStatus.Retry).Select(trail => (DateTimeOffset?)trail.ReceivedAt).Min());
        return statuses;
    }

    /// <summary>Waits until the first event is due, as long as a delivery may be held.</summary>
    private async Task HoldAsync(RetryTrail[] trails, RetryTier tier, CancellationToken cancellationToken)
    {
        if (trails.Length == 0)
            return;
        _parts.Metrics.Head(Consumer, tier.Topic, trails.Min(trail => trail.ReceivedAt));
        var wait = trails.Min(trail => trail.DueAt) - _parts.Time.GetUtcNow();
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait < Options.MaxHold ? wait : Options.MaxHold, _parts.Time, cancellationToken);
    }

    /// <summary>Where some of a delivery come again, brokers may deliver all of it: the others are known then.</summary>
    private void Remember(RetryTier? tier, IReadOnlyList<DeliveredEvent> events, RetryTrail[] trails, DeliveryStatus[] statuses)
    {
        if (!statuses.Contains(DeliveryStatus.Retry))
            return;
        for (var i = 0; i < statuses.Length; i++)
        {
            if (statuses[i] == DeliveryStatus.Success)
                _done.Add(Place(tier, events[i], trails[i]));
        }
    }

    /// <summary>Where the broker gives no places, an event is in a tier once with so many failed attempts.</summary>
    private static (string, int, long, string) Place(RetryTier? tier, in DeliveredEvent item, RetryTrail trail) =>
        item.Offset >= 0 ? (tier?.Topic ?? "", item.Partition, item.Offset, trail.Id) : (tier?.Topic ?? "", trail.Attempts, -1, trail.Id);

    /// <summary>The last so many of what was added. Thread-safe.</summary>
    private sealed class Remembered(int capacity)
    {
        private readonly Lock _lock = new();
        private readonly HashSet<(string, int, long, string)> _set = [];
        private readonly Queue<(string, int, long, string)> _order = new();

        public bool Contains((string, int, long, string) item)
        {
            lock (_lock)
                return _set.Contains(item);
        }

        public void Add((string, int, long, string) item)
        {
            lock (_lock)
            {
                if (!_set.Add(item))
                    return;
                _order.Enqueue(item);
                if (_order.Count > capacity)
                    _set.Remove(_order.Dequeue());
            }
        }
    }
}

/// <summary>What a retried topic works with.</summary>
public sealed record RetryParts(IRetryPublisher Publisher, IDeadLetterSink DeadLetters, RetryMetrics Metrics, TimeProvider Time, ILogger Log)
{
    /// <summary>Where the keys that wait are kept; null where no order is kept.</summary>
    public IKeyWaitStore? Waits { get; init; }

    /// <summary>Attempts that events have behind them when they come to the topic.</summary>
    public int EarlierAttempts { get; init; }

    /// <summary>Corrects what an event's trail says of its origin.</summary>
    public Func<DeliveredEvent, RetryTrail, RetryTrail> Adapt { get; init; } = static (_, trail) => trail;
}
