using System.Globalization;
using System.Text;

namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>Distributions over buckets with ascending upper bounds.</summary>
internal sealed class Histogram(string name, string help, IReadOnlyList<string> labels, IReadOnlyList<double> bounds, MetricContext context)
    : MetricFamily<HistogramSeries>(name, help, labels, context)
{
    private readonly double[] _bounds = [.. bounds];
    private readonly string[] _names = [.. bounds.Select(bound => bound.ToString("R", CultureInfo.InvariantCulture))];

    protected override string Type => "histogram";

    public void Record(LabelValues values, double value)
    {
        var place = Array.BinarySearch(_bounds, value);
        Series(values).Record(place < 0 ? ~place : place, _bounds.Length, value);
    }

    protected override void Write(StringBuilder text, LabelValues values, HistogramSeries series)
    {
        var (counts, sum) = series.Read(_bounds.Length);
        long total = 0;
        for (var i = 0; i < _bounds.Length; i++)
            Sample(text, "_bucket", values, total += counts[i], _names[i]);
        total += counts[_bounds.Length];
        Sample(text, "_bucket", values, total, "+Inf");
        Sample(text, "_sum", values, sum);
        Sample(text, "_count", values, total);
    }
}

internal sealed class HistogramSeries
{
    private readonly Lock _gate = new();
    private long[]? _counts;
    private double _sum;

    public void Record(int place, int bounds, double value)
    {
        lock (_gate)
        {
            (_counts ??= new long[bounds + 1])[place]++;
            _sum += value;
        }
    }

    public (long[] Counts, double Sum) Read(int bounds)
    {
        lock (_gate)
            return (_counts is null ? new long[bounds + 1] : [.. _counts], _sum);
    }
}
