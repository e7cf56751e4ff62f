using System.Text;

namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>Counts.</summary>
internal sealed class Counter(string name, string help, IReadOnlyList<string> labels, MetricContext context)
    : MetricFamily<CounterSeries>(name, help, labels, context)
{
    protected override string Type => "counter";

    public void Add(LabelValues values, long amount = 1) => Interlocked.Add(ref Series(values).Count, amount);

    protected override void Write(StringBuilder text, LabelValues values, CounterSeries series) => Sample(text, "", values, Interlocked.Read(ref series.Count));
}

internal sealed class CounterSeries
{
    public long Count;
}
