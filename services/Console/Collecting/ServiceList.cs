using System.Globalization;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Console.Collecting;

/// <summary>Which services are watched, and with which questions.</summary>
internal sealed class ServiceList
{
    /// <summary>Dead letters kept for the groups, newest first.</summary>
    public const int DeadLettersKept = 200;

    private readonly BackendClient _client;
    private readonly Dictionary<string, long> _deadLettersSeen = new(StringComparer.Ordinal);

    public ServiceList(MeshSettings settings, IReadOnlyList<PipelineDefinition> pipelines, BackendClient client, TimeProvider time)
    {
        _client = client;
        var now = time.GetUtcNow();
        var registry = settings.SchemaRegistryUrl;
        var warehouse = settings.WarehouseUrl;
        WatchedService[] topics = settings.TopicsUrl is { } url ? [new("topics", "Administration of topics, groups and messages", url, [Ask<string>(url, "/healthz", 5, _ => { })], now)] : [];
        WatchedService[] letters = settings.DeadLettersUrl is { } address ? [new("dead-letters", "Collects dead letters, groups them, sends them again", address, [Ask<string>(address, "/healthz", 5, _ => { })], now)] : [];
        Services =
        [
            new("ingestion", "Front door and sources: checks, encodes and publishes events", settings.IngestionUrl,
            [
                Ask<IngestionLedger>(settings.IngestionUrl, "/v1/ledger", 1, reply => Readings.Ingestion = reply),
                Ask<SourcesReply>(settings.IngestionUrl, "/v1/sources", 1, reply => Readings.Sources = reply),
            ], now),
            new("stream-processor", "Windows and aggregates in event time, served as live views", settings.StreamProcessorUrl,
            [
                Ask<ProcessorLedger>(settings.StreamProcessorUrl, "/v1/ledger", 1, reply => Readings.Processor = reply),
                Ask<ViewsReply>(settings.StreamProcessorUrl, "/v1/views", 2, reply => Readings.Views = reply),
                Ask<WatermarksReply>(settings.StreamProcessorUrl, "/v1/watermarks", 2, reply => Readings.Watermarks = reply),
            ], now),
            new("lakehouse", "Appends streams and dead letters to Delta tables", settings.LakehouseUrl,
            [
                Ask<LakeLedger>(settings.LakehouseUrl, "/v1/ledger", 1, reply => Readings.Lake = reply),
                Ask<LakeTables>(settings.LakehouseUrl, "/v1/tables", 2, reply => Readings.Tables = reply),
                .. pipelines.Select(pipeline => new Question(5, token => AskDeadLettersAsync(settings.LakehouseUrl, pipeline.Name, token))),
            ], now),
            new("spark-jobs", "Builds silver and gold tables, loads the warehouse", settings.SparkJobsUrl,
            [
                Ask<JobTablesReply>(settings.SparkJobsUrl, "/v1/tables", 2, reply => Readings.JobTables = reply),
                Ask<BuildsReply>(settings.SparkJobsUrl, "/v1/builds?limit=50", 3, reply => Readings.Builds = reply),
            ], now),
            new("schema-registry", "Contracts of all topics, by subject and version", registry, [Ask<string>(registry, "/healthz", 5, _ => { })], now),
            .. topics, .. letters,
            new("warehouse", "SQL API over the loaded gold tables", warehouse, [Ask<string>(warehouse, "/healthz", 5, _ => { })], now),
        ];
    }

    public IReadOnlyList<WatchedService> Services { get; }

    public Readings Readings { get; } = new();

    private Question Ask<T>(Uri service, string path, int every, Action<T> take)
        where T : class =>
        new(every, async token =>
        {
            var answer = await _client.GetAsync<T>(service, path, token);
            if (answer.Value is { } value)
                take(value);
            return answer.Error;
        });

    /// <summary>Reads the dead letters of a pipeline where there are new ones: it is a query over files, not a counter.</summary>
    private async Task<string?> AskDeadLettersAsync(Uri service, string pipeline, CancellationToken cancellationToken)
    {
        var count = Readings.Lake?.Streams.Where(stream => stream.Pipeline == pipeline).Sum(stream => stream.DeadLettered) ?? 0;
        if (count == _deadLettersSeen.GetValueOrDefault(pipeline))
            return null;
        var limit = DeadLettersKept.ToString(CultureInfo.InvariantCulture);
        var answer = await _client.GetAsync<DeadLettersReply>(service, $"/v1/dead-letters?pipeline={Uri.EscapeDataString(pipeline)}&limit={limit}", cancellationToken);
        if (answer.Value is { } reply)
        {
            Readings.DeadLetters[pipeline] = reply;
            _deadLettersSeen[pipeline] = count;
        }

        return answer.Error;
    }
}
