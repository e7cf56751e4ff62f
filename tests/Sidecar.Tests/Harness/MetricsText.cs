using System.Globalization;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>Reads Prometheus text.</summary>
internal static class MetricsText
{
    /// <summary>Samples by name and labels as written, such as <c>name{a="b"}</c>.</summary>
    public static async Task<IReadOnlyDictionary<string, double>> MetricsAsync(this Daprd daprd)
    {
        var text = await daprd.Http.GetStringAsync($"http://127.0.0.1:{daprd.MetricsPort}/metrics");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    /// <summary>Waits until a sample has a value.</summary>
    public static async Task MetricAsync(this Daprd daprd, string sample, double value)
    {
        IReadOnlyDictionary<string, double> seen = new Dictionary<string, double>();
        await Eventually.TrueAsync(
            async () => (seen = await daprd.MetricsAsync()).GetValueOrDefault(sample, -1) == value,
            () => $"{sample} {value}; found:\n{string.Join('\n', seen.Where(pair => pair.Key.StartsWith(sample[..Math.Max(1, sample.IndexOf('{'))], StringComparison.Ordinal)))}");
    }
}
