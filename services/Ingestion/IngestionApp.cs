using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Endpoints;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.FrontDoor;
using RealTimeMesh.Ingestion.Generators;
using RealTimeMesh.Ingestion.Grpc;
using RealTimeMesh.Ingestion.Keys;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.OpenDoor;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Sources;
using RealTimeMesh.Ingestion.Sources.Changes;
using RealTimeMesh.Ingestion.Sources.Files;
using RealTimeMesh.Ingestion.Sources.Folders;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Ingestion.Tenants;
using RealTimeMesh.Ingestion.Transport;
using RealTimeMesh.Ingestion.Warming;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Ingestion;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class IngestionApp
{
    /// <summary>Throws <see cref="ConfigurationException"/> with every fault of the pipelines where they can't be run.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="connectors">Kinds of databases whose changes can be captured.</param>
    public static WebApplication Build(string[] args, params IReadOnlyList<IChangeConnector> connectors) => Build(args, Load, services =>
    {
        foreach (var connector in connectors)
            services.AddSingleton(connector);
    });

    /// <summary>As <see cref="Build(string[], IReadOnlyList{IChangeConnector})"/>, with pipelines from elsewhere; <paramref name="configure"/> may replace services. For tests.</summary>
    internal static WebApplication Build(string[] args, Func<MeshSettings, IReadOnlyList<PipelineDefinition>> load, Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ApplicationName = "RealTimeMesh.Ingestion", ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults("Ingestion");
        builder.AddHttp2WithoutTls();
        var settings = MeshSettings.From(builder.Configuration);
        var options = IngestionOptions.From(builder.Configuration);
        DoorTransport.Configure(builder, options);
        var pipelines = load(settings);
        AddServices(builder.Services, settings, options, options.Only?.ApplyTo(pipelines) ?? pipelines, builder.Configuration["DAPR_API_TOKEN"]);
        configure(builder.Services);
        var app = builder.Build();
        MapEndpoints(app);
        return app;
    }

    private static IReadOnlyList<PipelineDefinition> Load(MeshSettings settings)
    {
        var loaded = PipelineLoader.Load(settings.PipelinesPath, settings.PipelineNames);
        return loaded.Faults.Count == 0 ? loaded.Pipelines : throw new ConfigurationException(loaded.Faults);
    }

    private static void AddServices(IServiceCollection services, MeshSettings settings, IngestionOptions options, IReadOnlyList<PipelineDefinition> pipelines, string? apiToken)
    {
        services.AddSingleton(options);
        services.AddSingleton<MemoryBudget>();
        services.AddSingleton<IngestionMetrics>();
        services.AddSingleton<TenantDirectory>();
        services.AddSingleton<LimitsFileReader>();
        services.AddSingleton<IKeyStore>(provider => new DaprKeyStore(provider.GetRequiredService<DaprGrpc>(), settings.StateStoreName, apiToken));
        services.AddSingleton<IdempotencyKeys>();
        services.AddSingleton<KeyedRequests>();
        services.AddSingleton<AnswerSender>();
        services.AddSingleton<EventIds>();
        services.AddSingleton<IEventPublisher, DaprEventPublisher>();
        services.AddSingleton<EventSink>();
        services.AddSingleton<IRecordStore>(provider => new DaprRecordStore(provider.GetRequiredService<DaprClient>(), settings.StateStoreName));
        services.AddSingleton(provider => new SchemaRegistryClient(new HttpClient(), new SchemaRegistryOptions { Url = settings.SchemaRegistryUrl }, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StreamFactory>();
        services.AddSingleton(provider => new StreamCatalog(pipelines, provider.GetRequiredService<StreamFactory>().Create));
        services.AddSingleton<IEventGenerator, TradesGenerator>();
        services.AddSingleton<IEventGenerator, QuotesGenerator>();
        services.AddSingleton<GeneratorCatalog>();
        services.AddSingleton<ISourceKind, GeneratorSourceKind>();
        services.AddSingleton<ISourceKind, FileSourceKind>();
        services.AddSingleton<ConnectionSecrets>();
        services.AddSingleton<ISourceKind, ChangeSourceKind>();
        services.AddSingleton<ISourceKind, FolderSourceKind>();
        services.AddSingleton<IFileFormat, CsvFormat>();
        services.AddSingleton<IFileFormat, NdjsonFormat>();
        services.AddSingleton<IFileFormat, ParquetFormat>();
        services.AddSingleton<IFileFormat, AvroFormat>();
        services.AddSingleton<FileFormatCatalog>();
        services.AddSingleton<SourceOpener>();
        services.AddSingleton<JsonRequestReader>();
        services.AddSingleton<IRequestReader, JsonBodyReader>();
        services.AddSingleton<IRequestReader, NdjsonRequestReader>();
        services.AddSingleton<PayloadForms>();
        services.AddSingleton<IRequestReader, AvroRequestReader>();
        services.AddSingleton<IRequestReader, ProtobufRequestReader>();
        services.AddSingleton<IRequestReader, CloudEventRequestReader>();
        services.AddSingleton<BinaryModeReader>();
        services.AddSingleton<StructuredEvents>();
        services.AddSingleton<RequestReaders>();
        services.AddSingleton<EventsEndpoint>();
        services.AddSingleton<Senders>();
        services.AddSingleton<BatchSink>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxJsonBodyBytes;
            grpc.EnableDetailedErrors = false;
        });
        services.AddSingleton<StateEndpoints>();
        services.AddSingleton<SelfRequests>();
        services.AddSingleton<WarmUp>();
        services.AddSingleton<StreamStartup>();
        services.AddSingleton<SourcesService>();
        services.AddSingleton<DrainOnStop>();
        services.AddHostedService(provider => provider.GetRequiredService<DrainOnStop>());
        services.AddHostedService(provider => provider.GetRequiredService<LimitsFileReader>());
        services.AddHostedService(provider => provider.GetRequiredService<StreamStartup>());
        services.AddHostedService(provider => provider.GetRequiredService<SourcesService>());
        services.AddHealthChecks().AddCheck<StreamsHealthCheck>("streams");
    }

    private static void MapEndpoints(WebApplication app)
    {
        var events = app.Services.GetRequiredService<EventsEndpoint>();
        var state = app.Services.GetRequiredService<StateEndpoints>();
        app.MapPost("/v1/streams/{topic}/events", (string topic, HttpContext context) => events.PostAsync(topic, context));
        app.MapGrpcService<IngestionService>();
        app.MapGet("/v1/ledger", state.Ledger);
        app.MapGet("/v1/sources", state.Sources);
        app.MapGet("/v1/streams", state.Streams);
        MapOpenDoors(app);
        app.MapServiceDefaults();
    }

    private static void MapOpenDoors(WebApplication app)
    {
        var services = app.Services;
        foreach (var stream in services.GetRequiredService<StreamCatalog>().Streams)
        {
            var handler = new OpenDoorHandler(stream, services.GetRequiredService<PayloadForms>(), services.GetRequiredService<EventSink>(), services.GetRequiredService<IngestionMetrics>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<OpenDoorHandler>>());
            app.Lifetime.ApplicationStopped.Register(handler.Dispose);
            var topic = stream.Spec.Definition.IngestTopic;
            app.MapBulkTopic(services.GetRequiredService<MeshSettings>().PubSubName, topic, $"/topics/{topic}", maxCount: 1_000, TimeSpan.FromMilliseconds(20), handler.HandleAsync);
        }
    }
}
