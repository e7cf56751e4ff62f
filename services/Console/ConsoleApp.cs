using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Console.Actions;
using RealTimeMesh.Console.Auditing;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Collecting;
using RealTimeMesh.Console.Endpoints;
using RealTimeMesh.Console.Privacy;
using RealTimeMesh.Console.Schemas;
using RealTimeMesh.Console.Security;
using RealTimeMesh.Console.Snapshots;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Console;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class ConsoleApp
{
    /// <summary>Where the console listens unless it is told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Throws <see cref="ConfigurationException"/> with every fault of the pipelines or settings where it can't be run.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ApplicationName = "RealTimeMesh.Console", ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults("Console");
        var configuration = builder.Configuration;
        var options = ConsoleOptions.From(configuration);
        var access = AccessOptions.From(configuration, options);
        if (configuration["urls"] is null or "" && configuration["http_ports"] is null or "" && configuration["https_ports"] is null or "")
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Services.AddSingleton(access);
        AddServices(builder.Services, options, Load(MeshSettings.From(configuration)));

        var app = builder.Build();
        app.UseMiddleware<AccessGuard>(access);
        app.UseRefusedPages();
        MapEndpoints(app);
        return app;
    }

    private static IReadOnlyList<PipelineDefinition> Load(MeshSettings settings)
    {
        var loaded = PipelineLoader.Load(settings.PipelinesPath, settings.PipelineNames);
        return loaded.Faults.Count == 0 ? loaded.Pipelines : throw new ConfigurationException(loaded.Faults);
    }

    private static void AddServices(IServiceCollection services, ConsoleOptions options, IReadOnlyList<PipelineDefinition> pipelines)
    {
        services.AddSingleton(options);
        services.AddSingleton(pipelines);
        services.AddSingleton<Masking>();
        services.AddSingleton<MessageMasking>();
        services.AddSingleton<MessageStreams>();
        services.AddSingleton<TopicRates>();
        services.AddSingleton<SubjectReader>();
        services.AddSingleton<BackendClient>();
        services.AddSingleton<BackendQueries>();
        services.AddSingleton<BackendList>();
        services.AddSingleton<ConsoleAudit>();
        services.AddSingleton<AuditPages>();
        services.AddSingleton<ActionRunner>();
        services.AddSingleton<ServiceList>();
        services.AddSingleton<DeadLetterReading>();
        services.AddSingleton<SnapshotBuilder>();
        services.AddSingleton<SnapshotFeed>();
        services.AddSingleton<AssetFiles>();
        services.AddSingleton<LiveEndpoints>();
        services.AddHostedService<Collector>();
        services.AddRazorComponents();
    }

    private static void MapEndpoints(WebApplication app)
    {
        app.Services.GetRequiredService<AssetFiles>().Map(app);
        app.Services.GetRequiredService<LiveEndpoints>().Map(app);
        app.Services.GetRequiredService<MessageStreams>().Map(app);
        app.MapPages();
        app.MapActions();
        app.MapServiceDefaults();
    }
}
