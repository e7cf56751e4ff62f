using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Health;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Invocation;
using RealTimeMesh.Sidecar.Metadata;
using RealTimeMesh.Sidecar.Middleware;
using RealTimeMesh.Sidecar.Outbox;
using RealTimeMesh.Sidecar.PubSub;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Resources;
using RealTimeMesh.Sidecar.Secrets;
using RealTimeMesh.Sidecar.Server;
using RealTimeMesh.Sidecar.State;
using RealTimeMesh.Sidecar.Subscriptions;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar;

/// <summary>A Dapr sidecar as an ASP.NET application: the public door of this library.</summary>
public static class SidecarApp
{
    /// <summary>The Dapr version whose behaviour this runtime follows.</summary>
    public const string RuntimeVersion = Metadata.MetadataStore.RuntimeVersion;

    /// <summary>
    /// Builds a sidecar over started components. Start it with <c>StartAsync</c>: it serves its API at once,
    /// asks the app for its subscriptions as soon as the app answers, and is ready (<c>/v1.0/healthz</c> 204) once these are active.
    /// Components are shared and are not disposed by the sidecar. Signals are the caller's. <see cref="SidecarPorts"/> tells the ports.
    /// </summary>
    /// <param name="logging">Where logs go; null writes warnings, and information of this platform, to the console.</param>
    public static WebApplication Build(SidecarOptions options, IReadOnlyList<SidecarComponent> components, TimeProvider time, Action<ILoggingBuilder>? logging = null) =>
        Build(new SidecarSetup { Options = options, Components = components, Time = time, Logging = logging });

    /// <summary>Builds a sidecar that, where <see cref="SidecarSetup.Resources"/> is given, reads and owns its components itself.</summary>
    public static WebApplication Build(SidecarSetup setup)
    {
        // The empty builder: a sidecar in somebody's process must not take its settings or signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(SidecarApp).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        AddLogging(builder.Logging, setup.Logging);
        AddServices(builder.Services, setup);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => Listeners.Listen(kestrel, setup.Options));
        var app = builder.Build();
        MapApi(app, setup.Options);
        return app;
    }

    private static void AddLogging(ILoggingBuilder builder, Action<ILoggingBuilder>? logging)
    {
        if (logging is not null)
            logging(builder);
        else
            builder.SetMinimumLevel(LogLevel.Warning).AddFilter("RealTimeMesh", LogLevel.Information).AddSimpleConsole(console => console.SingleLine = true);
        // Else each request gets an activity and a log scope that nobody reads: spans and the API's log are our own.
        builder.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }

    private static void AddServices(IServiceCollection services, SidecarSetup setup)
    {
        var options = setup.Options;
        services.AddRoutingCore();
        services.AddSingleton<IHostLifetime, SidecarLifetime>();
        services.AddSingleton(setup);
        services.AddSingleton(options);
        services.AddSingleton(setup.Configuration);
        services.AddSingleton(setup.Time);
        services.AddSingleton(new ComponentCatalog(setup.Components, options));
        services.AddServer();
        services.AddSingleton<DaprService>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxBodyBytes;
            grpc.MaxSendMessageSize = options.MaxBodyBytes;
            grpc.IgnoreUnknownServices = true;
        });
        services.AddTelemetry();
        services.AddMiddleware();
        services.AddAppConnection();
        services.AddResiliency();
        services.AddInvocation(setup);
        services.AddPubSub();
        services.AddState();
        services.AddSecrets();
        services.AddMetadata();
        services.AddHealth();
        // The order of the parts that run: resources before subscriptions.
        services.AddResources();
        services.AddOutbox();
        services.AddSubscriptions();
        // Requests in flight may end within the grace, after the subscriptions have.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.GracefulShutdown == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : options.GracefulShutdown * 2 + TimeSpan.FromSeconds(5));
    }

    private static void MapApi(WebApplication app, SidecarOptions options)
    {
        app.UseRequestPipeline();
        // Explicitly after the pipeline, which puts the path in order.
        app.UseRouting();
        app.MapPublish();
        app.MapState();
        app.MapSecrets();
        app.MapMetadata();
        app.MapHealth();
        app.MapMetrics();
        app.MapProfile();
        app.MapGrpcService<DaprService>();
        app.MapUnimplementedMethods();
        app.MapInvocation();
        var logger = app.Services.GetRequiredService<ILogger<ApiGuard>>();
        var ports = app.Services.GetRequiredService<SidecarPorts>();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            if (ApiSockets.Http(options) is { } http && ApiSockets.Grpc(options) is { } grpc)
            {
                Log.ServingOnSocket(logger, "HTTP", http);
                Log.ServingOnSocket(logger, "gRPC", grpc);
            }
            else
            {
                Log.Serving(logger, options.AppId, ports.Http, ports.Grpc);
            }
        });
    }
}
