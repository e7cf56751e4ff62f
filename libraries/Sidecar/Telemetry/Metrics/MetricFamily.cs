using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>All series of one metric. Recording is lock-free up to the series; series are bounded, later ones share one with empty labels.</summary>
internal abstract class MetricFamily<TSeries>(string name, string help, IReadOnlyList<string> labels, MetricContext context) : IMetricFamily
    where TSeries : class, new()
{
    private const int MostSeries = 10_000;

    private readonly ConcurrentDictionary<LabelValues, TSeries> _series = new();
    private readonly ConcurrentDictionary<LabelValues, TSeries> _byRawLabels = new();
    private readonly LabelRules? _rules = LabelRules.For(name, labels, context.Rules);
    private readonly (string Name, int Index)[] _order = [.. labels.Select((label, i) => (label, i)).Append(("app_id", -1)).OrderBy(pair => pair.Item1, StringComparer.Ordinal)];

    public string Name => name;

    protected abstract string Type { get; }

    public void Write(StringBuilder text)
    {
        if (_series.IsEmpty)
            return;
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(Type).Append('\n');
        foreach (var (values, series) in _series)
            Write(text, values, series);
    }

    protected abstract void Write(StringBuilder text, LabelValues values, TSeries series);

    protected TSeries Series(LabelValues values)
    {
        if (_rules is null)
            return _series.TryGetValue(values, out var known) ? known : Add(_series, values);
        if (_byRawLabels.TryGetValue(values, out var mapped))
            return mapped;
        var series = Series(_series, _rules.Apply(values));
        return _byRawLabels.Count < MostSeries ? _byRawLabels.GetOrAdd(values, series) : series;
    }

    protected void Sample(StringBuilder text, string suffix, LabelValues values, double value, string? bound = null)
    {
        text.Append(name).Append(suffix).Append('{');
        for (var i = 0; i < _order.Length; i++)
        {
            var (label, index) = _order[i];
            text.Append(i == 0 ? "" : ",").Append(label).Append("=\"");
            Escape(text, index < 0 ? context.AppId : values[index]);
            text.Append('"');
        }

        if (bound is not null)
            text.Append(",le=\"").Append(bound).Append('"');
        text.Append("} ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static TSeries Series(ConcurrentDictionary<LabelValues, TSeries> all, LabelValues values) =>
        all.TryGetValue(values, out var known) ? known : Add(all, values);

    private static TSeries Add(ConcurrentDictionary<LabelValues, TSeries> all, LabelValues values) =>
        all.GetOrAdd(all.Count < MostSeries ? values : new LabelValues("", "", "", "", "", ""), _ => new TSeries());

    private static void Escape(StringBuilder text, string value)
    {
        foreach (var character in value)
        {
            _ = character switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(character),
            };
        }
    }
}

/// <summary>A metric that can be written as Prometheus text.</summary>
internal interface IMetricFamily
{
    string Name { get; }

    void Write(StringBuilder text);
}

/// <summary>What all metrics of a sidecar share.</summary>
internal sealed record MetricContext(string AppId, IReadOnlyList<MetricRule> Rules);
