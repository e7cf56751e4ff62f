using System.Globalization;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>The figures of a scenario by name, printed as they come: a long run shows where it is.</summary>
internal sealed class Measurements
{
    private readonly Dictionary<string, double> _values = [];

    public IReadOnlyDictionary<string, double> Values => _values;

    public void Add(string name, double value)
    {
        _values[name] = value;
        System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-44} {value:N3}"));
    }

    public void Add(string name, Latencies latencies)
    {
        Add($"{name}.p50_ms", latencies.Percentile(0.5));
        Add($"{name}.p99_ms", latencies.Percentile(0.99));
        Add($"{name}.p999_ms", latencies.Percentile(0.999));
    }

    /// <summary>A rate, and what one of its things cost the sidecar.</summary>
    /// <param name="thing">What is counted: <c>requests</c>, <c>messages</c>.</param>
    /// <param name="each">How many of them an operation holds.</param>
    public void Add(string name, string thing, Throughput throughput, int each = 1)
    {
        Add($"{name}.{thing}_per_s", throughput.PerSecond * each);
        if (throughput.Used.ProcessorMilliseconds > 0)
            AddUse(name, thing, throughput.Used, throughput.Operations * each);
    }

    /// <summary>Processor time and allocation of the sidecar for one thing: they say the same on a busy machine.</summary>
    public void AddUse(string name, string thing, RuntimeFacts used, double count)
    {
        var one = thing.TrimEnd('s');
        Add($"{name}.cpu_us_per_{one}", used.ProcessorMilliseconds * 1000 / count);
        Add($"{name}.allocated_bytes_per_{one}", used.AllocatedBytes / count);
    }
}
