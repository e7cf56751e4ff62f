using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>
/// Sends spans where the Configuration's <c>tracing</c> says: OTLP, Zipkin, the log. Nothing of OpenTelemetry is loaded
/// where it names no receiver.
/// </summary>
internal sealed class TraceExport(SidecarSetup setup, ILoggerFactory logs) : IHostedService, IDisposable
{
    private IDisposable? _provider;

    public static bool HasReceiver(TracingSettings tracing) =>
        tracing.Rate > 0 && (tracing.Stdout || tracing.ZipkinEndpoint.Length > 0 || IsSet(tracing.Otel));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (HasReceiver(setup.Configuration.Tracing))
            _provider = Build(setup.Configuration.Tracing);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // Sends what is left.
        _provider?.Dispose();
        _provider = null;
        return Task.CompletedTask;
    }

    public void Dispose() => _provider?.Dispose();

    private static bool IsSet(OtelSettings otel) => otel.Endpoint.Length > 0 && otel.Protocol.Length > 0;

    private TracerProvider Build(TracingSettings tracing)
    {
        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come last and so win over the app id.
        var resource = ResourceBuilder.CreateEmpty().AddService(setup.Options.AppId).AddTelemetrySdk().AddEnvironmentVariableDetector();
        var builder = Sdk.CreateTracerProviderBuilder()
            .AddSource(SidecarTracing.SourceName)
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(Math.Min(1, tracing.Rate))));
        if (IsSet(tracing.Otel))
            builder.AddOtlpExporter(options => Otlp(options, tracing.Otel));
        if (tracing.ZipkinEndpoint.Length > 0)
#pragma warning disable CS0618 // Obsolete upstream, while Dapr's Configuration still has it.
            builder.AddZipkinExporter(options => options.Endpoint = new Uri(tracing.ZipkinEndpoint));
#pragma warning restore CS0618
        if (tracing.Stdout)
            builder.AddProcessor(new SimpleActivityExportProcessor(new LogExporter(logs.CreateLogger<TraceExport>())));
        return builder.Build();
    }

    private static void Otlp(OtlpExporterOptions options, OtelSettings otel)
    {
        var isHttp = otel.Protocol.StartsWith("http", StringComparison.OrdinalIgnoreCase);
        options.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        var address = otel.Endpoint.Contains("://", StringComparison.Ordinal) ? otel.Endpoint : $"{(otel.IsSecure ? "https" : "http")}://{otel.Endpoint}";
        var uri = new Uri(address);
        options.Endpoint = isHttp && uri.AbsolutePath == "/" ? new Uri(uri, "/v1/traces") : uri;
        if (otel.Headers.Count > 0)
            options.Headers = string.Join(',', otel.Headers.Select(Encode));
        if (otel.Timeout is { } timeout)
            options.TimeoutMilliseconds = (int)timeout.TotalMilliseconds;
    }

    private static string Encode(string header)
    {
        var equals = header.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? header : $"{header[..equals].Trim()}={Uri.EscapeDataString(header[(equals + 1)..])}";
    }

    private sealed class LogExporter(ILogger logger) : BaseExporter<System.Diagnostics.Activity>
    {
        public override ExportResult Export(in Batch<System.Diagnostics.Activity> batch)
        {
            foreach (var span in batch)
                Log.Span(logger, span.DisplayName, span.TraceId.ToString(), span.SpanId.ToString(), span.Duration.TotalMilliseconds);
            return ExportResult.Success;
        }
    }
}
