using System.Net;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Health;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Metadata;
using RealTimeMesh.Sidecar.PubSub;
using RealTimeMesh.Sidecar.State;
using RealTimeMesh.Sidecar.Subscriptions;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar;

/// <summary>A Dapr sidecar as an ASP.NET application: the public door of this library.</summary>
public static class SidecarApp
{
    /// <summary>
    /// Builds a sidecar over started components. Start it with <c>StartAsync</c>: it serves its API at once,
    /// asks the app for its subscriptions as soon as the app answers, and is ready (<c>/v1.0/healthz</c> 204) once these are active.
    /// Components are shared and are not disposed by the sidecar. Signals are the caller's. <see cref="SidecarPorts"/> tells the ports.
    /// </summary>
    /// <param name="logging">Where logs go; null writes warnings, and information of this platform, to the console.</param>
    public static WebApplication Build(SidecarOptions options, IReadOnlyList<SidecarComponent> components, TimeProvider time, Action<ILoggingBuilder>? logging = null)
    {
        // The empty builder: a sidecar in somebody's process must not take its settings or signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(SidecarApp).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        AddLogging(builder.Logging, logging);
        AddServices(builder.Services, options, components, time);
        AddServer(builder, options);
        var app = builder.Build();
        MapApi(app, options);
        return app;
    }

    private static void AddLogging(ILoggingBuilder builder, Action<ILoggingBuilder>? logging)
    {
        if (logging is not null)
            logging(builder);
        else
            builder.SetMinimumLevel(LogLevel.Warning).AddFilter("RealTimeMesh", LogLevel.Information).AddSimpleConsole(console => console.SingleLine = true);
    }

    private static void AddServices(IServiceCollection services, SidecarOptions options, IReadOnlyList<SidecarComponent> components, TimeProvider time)
    {
        services.AddRoutingCore();
        services.AddSingleton<IHostLifetime, SidecarLifetime>();
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton(new ComponentCatalog(components, options.AppId));
        services.AddSingleton(new SidecarMetrics(options.AppId));
        services.AddSingleton<SidecarPorts>();
        services.AddSingleton<SidecarTracing>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<AppChannel>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<StateService>();
        services.AddSingleton<MetadataStore>();
        services.AddSingleton<ApiGuard>();
        services.AddSingleton<SubscriptionHost>();
        services.AddHostedService(provider => provider.GetRequiredService<SubscriptionHost>());
        services.AddSingleton<DaprService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<DaprService>, DaprServiceMethods>());
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxBodyBytes;
            grpc.MaxSendMessageSize = options.MaxBodyBytes;
            grpc.IgnoreUnknownServices = true;
        });
        // Requests in flight may end within the grace, after the subscriptions have.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.GracefulShutdown * 2 + TimeSpan.FromSeconds(5));
    }

    private static void AddServer(WebApplicationBuilder builder, SidecarOptions options)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            // Bulk messages are megabytes: with the default windows each would wait for its own acknowledgements.
            kestrel.Limits.Http2.InitialStreamWindowSize = 8 * 1024 * 1024;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 16 * 1024 * 1024;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            ListenOptions? http = null, grpc = null;
            kestrel.Listen(IPAddress.Loopback, options.HttpPort, listen => (http = listen).Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, options.GrpcPort, listen => (grpc = listen).Protocols = HttpProtocols.Http2);
            kestrel.ApplicationServices.GetRequiredService<SidecarPorts>().Bind(http!, grpc!);
        });
    }

    private static void MapApi(WebApplication app, SidecarOptions options)
    {
        var services = app.Services;
        var guard = services.GetRequiredService<ApiGuard>();
        app.Use((context, next) => guard.InvokeAsync(context, next));
        // Explicitly after the guard, which puts the path in order.
        app.UseRouting();
        app.MapPublish(services.GetRequiredService<Publisher>(), options);
        app.MapState(services.GetRequiredService<StateService>());
        app.MapMetadata(services.GetRequiredService<MetadataStore>());
        app.MapHealth(services.GetRequiredService<Readiness>(), options);
        app.MapShutdown(services.GetRequiredService<IHostApplicationLifetime>(), services.GetRequiredService<ILogger<ApiGuard>>());
        var metrics = services.GetRequiredService<SidecarMetrics>();
        app.MapGet("/metrics", context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return context.Response.WriteAsync(metrics.Render());
        });
        app.MapGrpcService<DaprService>();
        app.MapUnimplementedMethods();
        var logger = services.GetRequiredService<ILogger<ApiGuard>>();
        var ports = services.GetRequiredService<SidecarPorts>();
        app.Lifetime.ApplicationStarted.Register(() => Log.Serving(logger, options.AppId, ports.Http, ports.Grpc));
    }
}

/// <summary>A started component as this sidecar sees it: an <see cref="IPubSubBroker"/> or an <see cref="IStateStore"/>.</summary>
public sealed record SidecarComponent(ComponentSpec Spec, IAsyncDisposable Instance);
