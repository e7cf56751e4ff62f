using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>Measurements of events that wait to be tried again, by consumer and tier. How many wait is the consumer's lag on the tier's topic.</summary>
public sealed class RetryMetrics : IDisposable
{
    public const string MeterName = "RealTimeMesh.Retries";

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private readonly Counter<long> _moved;
    private readonly Counter<long> _tried;
    private readonly ConcurrentDictionary<(string Consumer, string Topic), DateTimeOffset> _oldest = new();
    private readonly ConcurrentDictionary<(string Consumer, string Topic), long> _waiting = new();

    public RetryMetrics(TimeProvider time)
    {
        _time = time;
        _moved = _meter.CreateCounter<long>("mesh.retries.moved", "{event}", "Events that went to a tier to wait");
        _tried = _meter.CreateCounter<long>("mesh.retries.ended", "{event}", "Events that left a tier, by outcome");
        _meter.CreateObservableGauge("mesh.retries.waiting", Waiting, "{event}", "Events in a tier, as far as this process has moved them there");
        _meter.CreateObservableGauge("mesh.retries.oldest_age", Ages, "s", "How long ago the broker had the first event that waits in a tier; none where none waits");
    }

    public void Moved(string consumer, string topic)
    {
        _moved.Add(1, new("consumer", consumer), new("tier", topic));
        _waiting.AddOrUpdate((consumer, topic), 1, static (_, count) => count + 1);
    }

    public void Left(string consumer, string topic, string outcome)
    {
        _tried.Add(1, new("consumer", consumer), new("tier", topic), new("outcome", outcome));
        // Those of before a restart were not counted.
        _waiting.AddOrUpdate((consumer, topic), 0, static (_, count) => Math.Max(0, count - 1));
    }

    /// <summary>The first event of a tier, or null where all that were delivered are gone.</summary>
    public void Head(string consumer, string topic, DateTimeOffset? receivedAt)
    {
        if (receivedAt is { } time)
            _oldest[(consumer, topic)] = time;
        else
            _oldest.TryRemove((consumer, topic), out _);
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Waiting() =>
        _waiting.Select(tier => new Measurement<long>(tier.Value, new("consumer", tier.Key.Consumer), new("tier", tier.Key.Topic)));

    private IEnumerable<Measurement<double>> Ages() =>
        _oldest.Select(tier => new Measurement<double>((_time.GetUtcNow() - tier.Value).TotalSeconds, new("consumer", tier.Key.Consumer), new("tier", tier.Key.Topic)));
}
