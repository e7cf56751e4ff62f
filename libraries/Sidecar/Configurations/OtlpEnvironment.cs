using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Configurations;

/// <summary>OpenTelemetry's environment variables, which count where the configuration names no receiver.</summary>
internal static class OtlpEnvironment
{
    public static TracingSettings Apply(TracingSettings tracing, Func<string, string?> environment)
    {
        if (tracing.Otel.Endpoint.Length > 0)
            return tracing;
        var otel = tracing.Otel;
        if (First("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT") is { } endpoint)
        {
            var protocol = First("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") ?? "";
            otel = otel with
            {
                Endpoint = WithoutScheme(endpoint),
                Protocol = protocol.StartsWith("http", StringComparison.Ordinal) ? "http" : "grpc",
                IsSecure = otel.IsSecure && environment("OTEL_EXPORTER_OTLP_INSECURE") != "true",
            };
            if (tracing.SamplingRate.Length == 0)
                tracing = tracing with { SamplingRate = "1" };
        }

        if (First("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS") is { } headers)
            otel = otel with { Headers = [.. otel.Headers, .. Headers(headers)] };
        if (First("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT") is { } timeout)
        {
            if (!int.TryParse(timeout, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
                throw new RealTimeMeshException($"error setting tracing spec from env: timeout is '{timeout}'; expected milliseconds");
            if (milliseconds > 0)
                otel = otel with { Timeout = TimeSpan.FromMilliseconds(milliseconds) };
        }

        return tracing with { Otel = otel };

        string? First(string one, string other) => environment(one) is { Length: > 0 } first ? first : environment(other) is { Length: > 0 } second ? second : null;
    }

    private static string WithoutScheme(string endpoint)
    {
        foreach (var scheme in (string[])["http://", "https://"])
        {
            if (endpoint.StartsWith(scheme, StringComparison.Ordinal))
                endpoint = endpoint[scheme.Length..];
        }

        return endpoint;
    }

    private static IEnumerable<string> Headers(string text)
    {
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new RealTimeMeshException($"error setting tracing spec from env: header '{pair}'; expected name=value");
            yield return $"{Uri.UnescapeDataString(pair[..equals].Trim())}={Uri.UnescapeDataString(pair[(equals + 1)..].Trim())}";
        }
    }
}
