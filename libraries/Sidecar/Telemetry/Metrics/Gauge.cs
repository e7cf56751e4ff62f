using System.Text;

namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>Last values.</summary>
internal sealed class Gauge(string name, string help, IReadOnlyList<string> labels, MetricContext context)
    : MetricFamily<CounterSeries>(name, help, labels, context)
{
    protected override string Type => "gauge";

    public void Set(LabelValues values, long value) => Interlocked.Exchange(ref Series(values).Count, value);

    protected override void Write(StringBuilder text, LabelValues values, CounterSeries series) => Sample(text, "", values, Interlocked.Read(ref series.Count));
}
