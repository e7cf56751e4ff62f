using System.Text.Json;

namespace RealTimeMesh.Topics.Sizing;

/// <summary>The rates measured by this repository's benchmarks, from <c>rates.json</c>.</summary>
internal static class ShippedRates
{
    public static MeasuredRates Value { get; } = Read();

    private static MeasuredRates Read()
    {
        using var stream = typeof(ShippedRates).Assembly.GetManifestResourceStream("rates.json")!;
        return JsonSerializer.Deserialize<MeasuredRates>(stream, JsonSerializerOptions.Web)!;
    }
}
