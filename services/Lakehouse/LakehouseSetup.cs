using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Lakehouse.Appending;
using RealTimeMesh.Lakehouse.Auditing;
using RealTimeMesh.Lakehouse.Maintenance;
using RealTimeMesh.Lakehouse.Queries;
using RealTimeMesh.Lakehouse.Requests;
using RealTimeMesh.Lakehouse.Tables;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse;

/// <summary>Loads the pipelines, makes an appender for each topic and subscribes it.</summary>
internal static class LakehouseSetup
{
    public static WebApplicationBuilder AddTables(this WebApplicationBuilder builder, Func<MeshSettings, IReadOnlyList<PipelineDefinition>>? pipelines)
    {
        var settings = MeshSettings.From(builder.Configuration);
        var loaded = new PipelineSet((pipelines ?? Load)(settings));
        var services = builder.Services;
        services.AddSingleton(LakehouseOptions.From(builder.Configuration));
        services.AddSingleton(loaded);
        services.AddSingleton<LakehouseMetrics>();
        services.AddSingleton<LakeCatalog>();
        services.AddSingleton<LakeQueries>();
        services.AddSingleton<PersonalData>();
        services.AddSingleton<TableDoor>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton(MaintenanceOptions.From(builder.Configuration));
        services.AddSingleton<MaintenanceJournal>();
        services.AddSingleton<MaintenancePlanner>();
        services.AddSingleton<DiskSpace>();
        services.AddSingleton<TableKeeper>();
        services.AddSingleton<MaintenanceService>();
        services.AddHostedService(provider => provider.GetRequiredService<MaintenanceService>());
        services.AddSingleton<CommitNotifier>();
        services.AddHostedService(provider => provider.GetRequiredService<CommitNotifier>());
        services.AddSingleton(_ => new HttpClient());
        services.AddSingleton(provider => new SchemaRegistryClient(
            provider.GetRequiredService<HttpClient>(), new SchemaRegistryOptions { Url = settings.SchemaRegistryUrl }, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AppenderSet([.. loaded.Pipelines.SelectMany(pipeline => Appenders(pipeline, provider))]));
        services.AddHostedService(provider => provider.GetRequiredService<AppenderSet>());
        services.AddHealthChecks().AddCheck<CommitHealthCheck>("commits");
        return builder;
    }

    public static WebApplication MapTopics(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<MeshSettings>();
        var options = app.Services.GetRequiredService<LakehouseOptions>();
        foreach (var stream in app.Services.GetRequiredService<AppenderSet>().Streams)
        {
            if (stream.Bronze is { } bronze)
                app.MapBulkTopic(settings.PubSubName, bronze.Topic, $"/topics/{bronze.Topic}", options.BatchCount, options.BatchWait, bronze.HandleAsync);
            app.MapBulkTopic(settings.PubSubName, stream.DeadLetters.Topic, $"/topics/{stream.DeadLetters.Topic}", options.DeadLetterBatchCount, options.BatchWait, stream.DeadLetters.HandleAsync);
        }

        return app;
    }

    private static IReadOnlyList<PipelineDefinition> Load(MeshSettings settings)
    {
        var loaded = PipelineLoader.Load(settings.PipelinesPath, settings.PipelineNames);
        return loaded.Faults.Count > 0 ? throw new ConfigurationException(loaded.Faults) : loaded.Pipelines;
    }

    private static IEnumerable<StreamAppenders> Appenders(PipelineDefinition pipeline, IServiceProvider provider)
    {
        var quarantine = Table(pipeline.Name, "bronze.quarantine", QuarantineRows.PartitionBy, provider);
        var deadLetters = Table(pipeline.Name, "bronze.dead_letters", DeadLetterRows.PartitionBy, provider);
        foreach (var stream in pipeline.Streams)
        {
            var table = pipeline.Tables.FirstOrDefault(table => table.Append?.Name == stream.Name);
            yield return new StreamAppenders(
                pipeline.Name,
                stream.Name,
                table is null ? null : Bronze(stream, table, quarantine, provider),
                Appender(stream.Name, stream.DeadLetterTopic, deadLetters, quarantine, new DeadLetterRows(stream.Name, stream.Topic, stream.DeadLetterTopic), null, provider),
                quarantine);
        }
    }

    private static TopicAppender Bronze(StreamDefinition stream, TableDefinition table, LakeTable quarantine, IServiceProvider provider)
    {
        var rows = new BronzeRows(stream, provider.GetRequiredService<SchemaRegistryClient>(), table.PartitionBy, provider.GetRequiredService<ILogger<TopicAppender>>());
        var givenUp = new GivenUpEvents(
            provider.GetRequiredService<IDeadLetterSink>(), provider.GetRequiredService<MeshSettings>().AppId ?? "lakehouse", stream.Topic, stream.DeadLetterTopic, provider.GetRequiredService<TimeProvider>());
        return Appender(stream.Name, stream.Topic, Table(stream.Pipeline, table.Name, table.PartitionBy, provider), quarantine, rows, givenUp, provider);
    }

    private static LakeTable Table(string pipeline, string name, IReadOnlyList<string> partitionBy, IServiceProvider provider) => new(
        pipeline,
        name,
        provider.GetRequiredService<LakeCatalog>().Table(pipeline, name),
        partitionBy,
        provider.GetRequiredService<LakehouseMetrics>(),
        provider.GetRequiredService<CommitNotifier>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<LakeTable>>());

    private static TopicAppender Appender(string stream, string topic, LakeTable table, LakeTable quarantine, IEventRows rows, GivenUpEvents? givenUp, IServiceProvider provider) => new(
        stream,
        topic,
        table,
        quarantine,
        rows,
        givenUp,
        provider.GetRequiredService<LakehouseOptions>(),
        provider.GetRequiredService<LakehouseMetrics>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<TopicAppender>>());
}

/// <summary>The pipelines this service works for.</summary>
internal sealed record PipelineSet(IReadOnlyList<PipelineDefinition> Pipelines);
