using System.Diagnostics.Metrics;

namespace RealTimeMesh.Ingestion.Telemetry;

/// <summary>The instruments of this service.</summary>
internal sealed class IngestionMetrics
{
    public const string MeterName = "RealTimeMesh.Ingestion";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _publish;

    public IngestionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted = meter.CreateCounter<long>("mesh.ingestion.accepted", "{event}", "Events stored on their topic.");
        _rejected = meter.CreateCounter<long>("mesh.ingestion.rejected", "{event}", "Events stored on the dead-letter topic.");
        _refused = meter.CreateCounter<long>("mesh.ingestion.refused", "{request}", "Requests refused with 429 or 503.");
        _publish = meter.CreateHistogram<double>("mesh.ingestion.publish.duration", "s", "Time of a publish call through the sidecar.");
    }

    public void Stored(string topic, long accepted, long rejected)
    {
        var tag = new KeyValuePair<string, object?>("topic", topic);
        if (accepted > 0)
            _accepted.Add(accepted, tag);
        if (rejected > 0)
            _rejected.Add(rejected, tag);
    }

    public void Refused(string topic, int status) =>
        _refused.Add(1, new("topic", topic), new("status", status));

    public void Published(string topic, TimeSpan elapsed) =>
        _publish.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("topic", topic));
}
