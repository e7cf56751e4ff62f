using System.Text.RegularExpressions;
using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>Replacements in the labels of one metric (<see cref="MetricRule"/>).</summary>
internal sealed class LabelRules
{
    private readonly (Regex Pattern, string Replacement)[][] _byLabel;

    private LabelRules((Regex, string)[][] byLabel) => _byLabel = byLabel;

    /// <summary>Null where no rule concerns the metric.</summary>
    public static LabelRules? For(string metric, IReadOnlyList<string> labels, IReadOnlyList<MetricRule> rules)
    {
        var byLabel = labels.Select(label => rules
            .Where(rule => Plain(rule.Name) == Plain(metric))
            .SelectMany(rule => rule.Labels)
            .Where(rule => rule.Name == label)
            .SelectMany(rule => rule.Regex)
            // Linear in the length of the value, whatever the pattern.
            .Select(pair => (new Regex(pair.Value, RegexOptions.NonBacktracking), pair.Key))
            .ToArray()).ToArray();
        return byLabel.Any(patterns => patterns.Length > 0) ? new LabelRules(byLabel) : null;
    }

    public LabelValues Apply(LabelValues values)
    {
        var replaced = new string[_byLabel.Length];
        for (var i = 0; i < replaced.Length; i++)
            replaced[i] = _byLabel[i].Aggregate(values[i], (value, rule) => value.Length == 0 ? value : rule.Pattern.Replace(value, rule.Replacement));
        return LabelValues.Of(replaced);
    }

    /// <summary>A rule may name a metric with or without the prefix.</summary>
    private static string Plain(string metric) => metric.Replace("dapr_", "", StringComparison.Ordinal).Replace('/', '_').Replace('.', '_');
}
