using System.Diagnostics;
using Dapr.Client;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RealTimeMesh.ServiceDefaults.Retries;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>What every service has in common: settings, the Dapr clients, health, telemetry.</summary>
public static class Extensions
{
    /// <summary>Largest delivery a service accepts, bytes; a bulk delivery carries thousands of events.</summary>
    public const int MaxDeliveryBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Adds <see cref="MeshSettings"/>, <see cref="TimeProvider"/>, <see cref="DaprClient"/>, <see cref="EventPublisher"/>,
    /// traces of source <c>RealTimeMesh.{app}</c>, metrics of meter <c>RealTimeMesh.{app}</c> and of the runtime on <c>/metrics</c>.
    /// The sidecar's address is Dapr's: <c>DAPR_HTTP_PORT</c>, <c>DAPR_GRPC_PORT</c> or the <c>_ENDPOINT</c> forms.
    /// </summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string app)
    {
        var hosted = builder.Configuration["MESH_IN_PROCESS"] == "true";
        builder.Logging.SetMinimumLevel(LogLevel.Warning)
            .AddFilter("RealTimeMesh", hosted ? LogLevel.Warning : LogLevel.Information)
            // Not being ready yet is an answer to a probe, not an event.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxDeliveryBytes;
        });

        // `dapr run` tells an app its port by APP_PORT.
        if (builder.Configuration["urls"] is null && builder.Configuration["APP_PORT"] is { Length: > 0 } port)
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");

        // In the host's process the host alone answers signals, and stops the parts in its own order.
        if (hosted)
            builder.Services.AddSingleton<IHostLifetime, HostedLifetime>();

        var settings = MeshSettings.From(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ActivitySource($"RealTimeMesh.{app}"));
        services.AddSingleton(_ => new DaprClientBuilder()
            .UseHttpEndpoint(Endpoint(builder.Configuration, "HTTP", 3500))
            .UseGrpcEndpoint(Endpoint(builder.Configuration, "GRPC", 50001))
            .UseGrpcChannelOptions(ChannelOptions())
            .UseDaprApiToken(builder.Configuration["DAPR_API_TOKEN"] ?? "")
            .Build());
        services.AddSingleton(_ => GrpcChannel.ForAddress(Endpoint(builder.Configuration, "GRPC", 50001), ChannelOptions()));
        services.AddSingleton(provider => new DaprGrpc(provider.GetRequiredService<GrpcChannel>()));
        services.AddSingleton(provider => new EventPublisher(provider.GetRequiredService<GrpcChannel>().CreateCallInvoker(), settings.PubSubName, builder.Configuration["DAPR_API_TOKEN"]));
        services.AddSingleton<DeadLetterMetrics>();
        services.AddSingleton<RetryMetrics>();
        services.TryAddSingleton<IDeadLetterSink, DeadLetterPublisher>();
        services.AddHealthChecks();
        AddTelemetry(builder, app);
        return builder;
    }

    /// <summary>Maps <c>/healthz</c>, <c>/metrics</c> and Dapr's <c>/dapr/subscribe</c>. Call it after the topics are mapped.</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.MapHealthChecks("/healthz");
        app.MapPrometheusScrapingEndpoint();
        app.MapSubscribeHandler();
        return app;
    }

    private static void AddTelemetry(WebApplicationBuilder builder, string app)
    {
        var export = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(app, serviceNamespace: "RealTimeMesh"))
            .WithTracing(tracing =>
            {
                tracing.AddSource($"RealTimeMesh.{app}");
                if (export)
                    tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics => metrics.AddMeter($"RealTimeMesh.{app}", "System.Runtime", DeadLetterMetrics.MeterName, RetryMetrics.MeterName).AddPrometheusExporter());
    }

    /// <summary>The address of the sidecar's HTTP API.</summary>
    public static Uri SidecarAddress(IConfiguration configuration) => new(Endpoint(configuration, "HTTP", 3500));

    private static string Endpoint(IConfiguration configuration, string protocol, int defaultPort) =>
        configuration[$"DAPR_{protocol}_ENDPOINT"] is { Length: > 0 } endpoint
            ? endpoint
            : $"http://127.0.0.1:{configuration[$"DAPR_{protocol}_PORT"] ?? defaultPort.ToString()}";

    private static GrpcChannelOptions ChannelOptions() => new()
    {
        MaxReceiveMessageSize = MaxDeliveryBytes,
        MaxSendMessageSize = MaxDeliveryBytes,
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            // Bulk messages are megabytes: the default 64 KiB window would make each wait for its own acknowledgements.
            InitialHttp2StreamWindowSize = 4 * 1024 * 1024,
        },
    };
}
