using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace RealTimeMesh.AppHost.Running;

/// <summary>Exports the spans of the embedded sidecars, where an OTLP endpoint is configured. The services export their own.</summary>
internal static class HostTelemetry
{
    /// <summary>Null where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is not set.</summary>
    public static TracerProvider? Start() =>
        Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 }
            ? Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(resource => resource.AddService("sidecar", serviceNamespace: "RealTimeMesh"))
                .AddSource("RealTimeMesh.Sidecar")
                .AddOtlpExporter()
                .Build()
            : null;
}
