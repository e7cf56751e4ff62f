using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>
/// Counters under the names daprd gives them, written as Prometheus text. Counted once for a batch, never for an event.
/// </summary>
internal sealed class SidecarMetrics(string appId)
{
    private readonly ConcurrentDictionary<Series, Counter> _counters = new();

    public void Published(string component, string topic, bool success, bool bulk, int events, TimeSpan elapsed)
    {
        var kind = bulk ? "dapr_component_pubsub_egress_bulk" : "dapr_component_pubsub_egress";
        var labels = new Labels(component, topic, success ? "true" : "false");
        Add($"{kind}_count", LabelSet.Egress, labels, 1);
        if (bulk)
            Add("dapr_component_pubsub_egress_bulk_event_count", LabelSet.Egress, labels, events);
        Latency($"{kind}_latencies", LabelSet.Egress, labels, elapsed);
    }

    public void Delivered(string component, string topic, string status, bool bulk, int events)
    {
        var labels = new Labels(component, topic, status);
        Add(bulk ? "dapr_component_pubsub_ingress_bulk_event_count" : "dapr_component_pubsub_ingress_count", LabelSet.Ingress, labels, events);
    }

    public void BulkDelivery(string component, string topic, TimeSpan elapsed)
    {
        var labels = new Labels(component, topic, "");
        Add("dapr_component_pubsub_ingress_bulk_count", LabelSet.IngressBulk, labels, 1);
        Latency("dapr_component_pubsub_ingress_bulk_latencies", LabelSet.IngressBulk, labels, elapsed);
    }

    public void State(string component, string operation, bool success, TimeSpan elapsed)
    {
        var labels = new Labels(component, operation, success ? "true" : "false");
        Add("dapr_component_state_count", LabelSet.State, labels, 1);
        Latency("dapr_component_state_latencies", LabelSet.State, labels, elapsed);
    }

    public void Error(string category, string code) => Add("dapr_error_code_total", LabelSet.Error, new Labels(category, code, ""), 1);

    public string Render()
    {
        var text = new StringBuilder();
        foreach (var group in _counters.GroupBy(pair => pair.Key.Metric, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            // Sum and count of a latency are one family.
            if (!group.Key.EndsWith("_latencies_sum", StringComparison.Ordinal) && !group.Key.EndsWith("_latencies_count", StringComparison.Ordinal))
                text.Append("# TYPE ").Append(group.Key).Append(" counter\n");
            else if (group.Key.EndsWith("_count", StringComparison.Ordinal))
                text.Append("# TYPE ").Append(group.Key.AsSpan(0, group.Key.Length - "_count".Length)).Append(" summary\n");
            foreach (var (series, counter) in group)
                Append(text, series, counter.Value);
        }

        return text.ToString();
    }

    private void Latency(string metric, LabelSet set, Labels labels, TimeSpan elapsed)
    {
        Add(metric + "_sum", set, labels, elapsed.TotalMilliseconds);
        Add(metric + "_count", set, labels, 1);
    }

    private void Add(string metric, LabelSet set, Labels labels, double amount) =>
        _counters.GetOrAdd(new Series(metric, set, labels), _ => new Counter()).Add(amount);

    private void Append(StringBuilder text, Series series, double value)
    {
        var (first, second, third) = series.Set switch
        {
            LabelSet.Egress => ("component", "topic", "success"),
            LabelSet.Ingress => ("component", "topic", "process_status"),
            LabelSet.IngressBulk => ("component", "topic", ""),
            LabelSet.State => ("component", "operation", "success"),
            _ => ("category", "error_code", ""),
        };
        text.Append(series.Metric).Append("{app_id=\"");
        Escape(text, appId);
        text.Append('"');
        Label(first, series.Labels.First);
        Label(second, series.Labels.Second);
        Label(third, series.Labels.Third);
        text.Append("} ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');

        void Label(string name, string content)
        {
            if (name.Length == 0)
                return;
            text.Append(',').Append(name).Append("=\"");
            Escape(text, content);
            text.Append('"');
        }
    }

    private static void Escape(StringBuilder text, string value) =>
        text.Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));

    private enum LabelSet
    {
        Egress,
        Ingress,
        IngressBulk,
        State,
        Error,
    }

    private readonly record struct Labels(string First, string Second, string Third);

    private readonly record struct Series(string Metric, LabelSet Set, Labels Labels);

    private sealed class Counter
    {
        private readonly Lock _lock = new();
        private double _value;

        public double Value
        {
            get
            {
                lock (_lock)
                    return _value;
            }
        }

        public void Add(double amount)
        {
            lock (_lock)
                _value += amount;
        }
    }
}
