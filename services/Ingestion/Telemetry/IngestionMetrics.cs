using System.Diagnostics.Metrics;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Ingestion.Sources;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Telemetry;

/// <summary>The instruments of this service.</summary>
internal sealed class IngestionMetrics
{
    public const string MeterName = "RealTimeMesh.Ingestion";

    private readonly Meter _meter;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _replayed;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _tenants;
    private readonly Histogram<double> _publish;

    private readonly DeadLetterMetrics _letters;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="memory">What requests hold.</param>
    /// <param name="letters">Counts dead letters.</param>
    /// <param name="name">Of the meter; another for what nobody should see.</param>
    public IngestionMetrics(IMeterFactory meters, MemoryBudget memory, DeadLetterMetrics letters, string name = MeterName)
    {
        _letters = letters;
        _meter = meters.Create(name);
        _accepted = _meter.CreateCounter<long>("mesh.ingestion.accepted", "{event}", "Events stored on their topic.");
        _rejected = _meter.CreateCounter<long>("mesh.ingestion.rejected", "{event}", "Events stored on the dead-letter topic.");
        _refused = _meter.CreateCounter<long>("mesh.ingestion.refused", "{request}", "Requests refused with 429 or 503.");
        _replayed = _meter.CreateCounter<long>("mesh.ingestion.replayed", "{request}", "Requests answered again by their idempotency key.");
        _cut = _meter.CreateCounter<long>("mesh.ingestion.cut", "{request}", "Connections cut because an answer was not read.");
        _tenants = _meter.CreateCounter<long>("mesh.ingestion.tenant.events", "{event}", "Events stored for a tenant; those without limits of their own are counted as 'other'.");
        _meter.CreateObservableGauge("mesh.ingestion.memory.held", () => memory.Held, "By", "Bytes that requests hold now.");
        _publish = _meter.CreateHistogram<double>("mesh.ingestion.publish.duration", "s", "Time of a publish call through the sidecar.");
    }

    /// <summary>Shows how far sources are behind their origins.</summary>
    public void ObserveLag(IReadOnlyList<SourceStatus> sources)
    {
        _meter.CreateObservableGauge("mesh.ingestion.source.lag.bytes", () => Of<long>(sources, lag => lag.Bytes), "By", "Bytes of a database's log that are not published.");
        _meter.CreateObservableGauge("mesh.ingestion.source.lag.seconds", () => Of<double>(sources, lag => lag.Seconds), "s", "Age of the oldest change that may not be published.");
    }

    /// <summary>Counts the first events and dead letters of a batch, which are stored.</summary>
    public void Stored(string topic, EventBatch batch, int accepted, int rejected)
    {
        var tag = new KeyValuePair<string, object?>("topic", topic);
        if (accepted > 0)
            _accepted.Add(accepted, tag);
        if (rejected > 0)
            _rejected.Add(rejected, tag);
        for (var first = 0; first < rejected;)
        {
            // Neighbours are mostly rejected for the same reason.
            var reason = batch.Rejected[first].Reason;
            var next = first + 1;
            while (next < rejected && batch.Rejected[next].Reason is var other && other.Rule == reason.Rule && other.Class == reason.Class)
                next++;
            _letters.Sent(DeadLetterOrigin.Door, batch.Origin.Topic ?? topic, reason.Class, reason.Rule, next - first);
            first = next;
        }
    }

    public void Replayed(string topic) => _replayed.Add(1, new KeyValuePair<string, object?>("topic", topic));

    public void Cut() => _cut.Add(1);

    public void Tenant(string label, long events)
    {
        if (events > 0)
            _tenants.Add(events, new KeyValuePair<string, object?>("tenant", label));
    }

    public void Refused(string topic, int status) =>
        _refused.Add(1, new("topic", topic), new("status", status));

    public void Published(string topic, TimeSpan elapsed) =>
        _publish.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("topic", topic));

    private static IEnumerable<Measurement<T>> Of<T>(IReadOnlyList<SourceStatus> sources, Func<ChangeLag, T?> value)
        where T : struct
    {
        foreach (var source in sources)
        {
            if (source.Lag is { } lag && value(lag) is { } measured)
                yield return new Measurement<T>(measured, new("pipeline", source.Stream.Pipeline), new("source", source.Source.Name));
        }
    }
}
