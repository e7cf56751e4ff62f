using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Streaming;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Loads the pipelines, builds a worker for each stream and subscribes it to its topic.</summary>
internal static class StreamSetup
{
    public static WebApplicationBuilder AddStreams(this WebApplicationBuilder builder)
    {
        var settings = MeshSettings.From(builder.Configuration);
        var loaded = PipelineLoader.Load(settings.PipelinesPath, settings.PipelineNames);
        if (loaded.Faults.Count > 0)
            throw new ConfigurationException(loaded.Faults);

        var services = builder.Services;
        services.AddSingleton(ProcessorOptions.From(builder.Configuration));
        services.AddSingleton<LatencyRecorder>();
        services.AddSingleton<QuarantineLog>();
        services.AddSingleton<ProcessorMetrics>();
        services.AddSingleton<WorkerTools>();
        services.AddSingleton<IStreamState>(provider => new DaprStreamState(provider.GetRequiredService<DaprGrpc>(), settings.StateStoreName, builder.Configuration["DAPR_API_TOKEN"]));
        services.AddSingleton(_ => new HttpClient());
        services.AddSingleton(provider => new SchemaRegistryClient(
            provider.GetRequiredService<HttpClient>(), new SchemaRegistryOptions { Url = settings.SchemaRegistryUrl }, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new StreamSet(
            [.. Streams(loaded.Pipelines).Select(stream => NewWorker(stream.Stream, stream.Views, provider))],
            [.. loaded.Pipelines.SelectMany(pipeline => FlowDefinitions.Groups(pipeline.Flows)).Select(views => NewFlow(views, provider))]));
        services.AddHostedService<FlowPulse>();
        services.AddSingleton<Restorer>();
        services.AddHostedService(provider => provider.GetRequiredService<Restorer>());
        services.AddHealthChecks().AddCheck<RestoredHealthCheck>("restored");
        return builder;
    }

    public static WebApplication MapStreams(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<MeshSettings>();
        var options = app.Services.GetRequiredService<ProcessorOptions>();
        var streams = app.Services.GetRequiredService<StreamSet>();
        foreach (var worker in streams.Workers)
        {
            var topic = worker.Engine.Stream.Topic;
            app.MapBulkTopic(settings.PubSubName, topic, $"/topics/{topic}", options.BatchCount, options.BatchWait, (delivery, cancellationToken) => streams.HandleAsync(worker, delivery, cancellationToken));
        }

        return app;
    }

    private static IEnumerable<(StreamDefinition Stream, IReadOnlyList<ViewDefinition> Views)> Streams(IReadOnlyList<PipelineDefinition> pipelines) =>
        from pipeline in pipelines
        from stream in pipeline.Streams
        select (stream, (IReadOnlyList<ViewDefinition>)[.. pipeline.Views.Where(view => view.From.Name == stream.Name)]);

    private static StreamWorker NewWorker(StreamDefinition stream, IReadOnlyList<ViewDefinition> views, IServiceProvider provider)
    {
        var engine = new StreamEngine(stream, views, provider.GetRequiredService<IStreamState>(), new StreamingOptions(), provider.GetRequiredService<TimeProvider>(), Guid.NewGuid().ToString("n"));
        var decoder = new ContractDecoder(stream.Contract, provider.GetRequiredService<SchemaRegistryClient>());
        return new StreamWorker(engine, decoder, provider.GetRequiredService<WorkerTools>());
    }

    private static FlowWorker NewFlow(IReadOnlyList<FlowDefinition> views, IServiceProvider provider)
    {
        var plan = FlowPlanner.Plan(FlowDefinitions.NameOf(views), [.. views.Select(FlowDefinitions.View)]);
        var registry = provider.GetRequiredService<SchemaRegistryClient>();
        var streams = views.SelectMany(view => view.Streams).DistinctBy(stream => stream.Topic).ToDictionary(stream => stream.Topic);
        return new FlowWorker(
            new FlowEngine(plan, provider.GetRequiredService<IStreamState>(), new StreamTaskOptions(), provider.GetRequiredService<TimeProvider>(), Guid.NewGuid().ToString("n")),
            views,
            [.. plan.Sources.Select(source => (streams[source.Topic], new ContractDecoder(streams[source.Topic].Contract, registry)))],
            provider.GetRequiredService<WorkerTools>());
    }
}
