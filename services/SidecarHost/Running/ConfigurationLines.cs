using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>What the log says of the configuration.</summary>
internal static class ConfigurationLines
{
    public static void Write(SidecarConfiguration configuration, ILogger logger)
    {
        if (configuration.EnabledFeatures is { Count: > 0 } features)
            Log.EnabledFeatures(logger, string.Join(' ', features));
        if (configuration.Metrics.IsEnabled)
        {
            Log.MetricSpec(logger, Json(configuration.Metrics));
            var buckets = configuration.Metrics.LatencyBuckets;
            Log.LatencyBuckets(logger, buckets is { Count: > 0 } ? $"Using custom latency distribution buckets: [{string.Join(' ', buckets)}]" : "Using default latency distribution buckets");
        }

        Log.Sampler(logger, Sampler(configuration.Tracing.Rate));
    }

    /// <summary>The sampler as OpenTelemetry describes it.</summary>
    private static string Sampler(double rate)
    {
        var root = rate >= 1 ? "AlwaysOnSampler" : $"TraceIDRatioBased{{{Math.Max(rate, 0).ToString("R", CultureInfo.InvariantCulture)}}}";
        return $"ParentBased{{root:{root},remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,"
            + "localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}";
    }

    private static string Json(MetricSettings metrics)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            Write(json, "enabled", metrics.Enabled);
            Write(json, "recordErrorCodes", metrics.RecordErrorCodes);
            if (metrics.Http is { } http)
            {
                json.WriteStartObject("http");
                Write(json, "increasedCardinality", http.IncreasedCardinality);
                Write(json, "pathMatching", http.PathMatching);
                Write(json, "excludeVerbs", http.ExcludeVerbs);
                json.WriteEndObject();
            }

            if (metrics.LatencyBuckets is { } buckets)
            {
                json.WriteStartArray("latencyDistributionBuckets");
                foreach (var bucket in buckets)
                    json.WriteNumberValue(bucket);
                json.WriteEndArray();
            }

            Write(json, "rules", [.. metrics.Rules.Select(rule => rule.Name)]);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } truth)
            json.WriteBoolean(name, truth);
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
