using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Snowflake;
using RealTimeMesh.SparkJobs.Builds;

namespace RealTimeMesh.SparkJobs;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class SparkJobsApp
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ApplicationName = "RealTimeMesh.SparkJobs", ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults("SparkJobs");
        var settings = MeshSettings.From(builder.Configuration);
        var options = SparkJobsOptions.From(builder.Configuration, settings);
        var loaded = PipelineLoader.Load(settings.PipelinesPath, settings.PipelineNames);
        if (loaded.Faults.Count > 0)
            throw new ConfigurationException(loaded.Faults);

        // What a killed run spilled is of no use to anybody.
        if (Directory.Exists(options.DuckDb.SpillPath))
            Directory.Delete(options.DuckDb.SpillPath, recursive: true);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.AddSingleton(loaded.Pipelines);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new BuildBoard(options.HistoryLength));
        builder.Services.AddSingleton(provider => new DuckDbJobEngine(settings.LakePath, options.DuckDb, provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(provider => new SnowflakeClient(options.Snowflake, provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<WarehouseLoader>();
        builder.Services.AddSingleton<StageExport>();
        builder.Services.AddSingleton(provider => new ImpactEndpoints(settings.PipelinesPath, provider.GetRequiredService<IReadOnlyList<PipelineDefinition>>()));
        builder.Services.AddSingleton<JobMetrics>();
        builder.Services.AddSingleton<JobRunner>();
        builder.Services.AddSingleton<BuildScheduler>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<BuildScheduler>());

        var app = builder.Build();
        app.MapJobs(settings);
        app.Services.GetRequiredService<ImpactEndpoints>().Map(app);
        app.MapServiceDefaults();
        return app;
    }
}
