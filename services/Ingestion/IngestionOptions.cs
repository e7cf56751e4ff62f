using System.Globalization;
using Microsoft.Extensions.Configuration;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion;

/// <summary>Limits of this service. Each can be set by the configuration name that its summary gives.</summary>
public sealed record IngestionOptions
{
    /// <summary><c>MESH_INGEST_MAX_EVENT_BYTES</c>: a longer event is rejected with rule <c>size</c>. Default 1 MiB, what Kafka brokers take by default.</summary>
    public int MaxEventBytes { get; init; } = 1024 * 1024;

    /// <summary><c>MESH_INGEST_KEEP_BYTES</c>: a rejected event up to this length is dead-lettered whole. Default 8 MiB.</summary>
    public int KeepWholeBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Of a longer one this many bytes are kept, with its length and SHA-256. Default 64 KiB.</summary>
    public int KeepHeadBytes { get; init; } = 64 * 1024;

    /// <summary><c>MESH_INGEST_BATCH_ROWS</c>: most rows of a batch that a source publishes at once. Default 4,000.</summary>
    public int SourceBatchRows { get; init; } = 4_000;

    /// <summary><c>MESH_INGEST_FILES_REMEMBERED</c>: files of a folder of which it is known one by one that they were read. Default 100,000, about 30 MB; beyond it a line is drawn behind the oldest.</summary>
    public int FilesRemembered { get; init; } = 100_000;

    /// <summary>Most rows of one batch of a streamed request. Default 2,000.</summary>
    public int RequestBatchRows { get; init; } = 2_000;

    /// <summary>Bytes of input after which a batch is closed though it has few rows. Default 1 MiB.</summary>
    public int BatchBytes { get; init; } = 1024 * 1024;

    /// <summary>Batches of one streamed request that may wait for the log at once. Default 3.</summary>
    public int RequestBatchesInFlight { get; init; } = 3;

    /// <summary><c>MESH_INGEST_QUEUE_EVENTS</c>: events of one stream that may wait for the log before requests get 429. Default 50,000.</summary>
    public int QueueEvents { get; init; } = 50_000;

    /// <summary><c>MESH_INGEST_QUEUE_BYTES</c>: the same in bytes of payload. Default 64 MiB.</summary>
    public long QueueBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Most events of one publish call. Default 8,000; with <see cref="PublishBytes"/> it keeps calls well under the sidecar's body limit.</summary>
    public int PublishEvents { get; init; } = 8_000;

    /// <summary>Encoded bytes after which a publish call is closed: <see cref="PublishCallSize.MaxBytes"/>.</summary>
    public int PublishBytes { get; init; } = PublishCallSize.MaxBytes;

    /// <summary><c>MESH_INGEST_MAX_BODY_BYTES</c>: largest body of a JSON document, unpacked; NDJSON has no limit. Default 32 MiB.</summary>
    public int MaxJsonBodyBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary><c>MESH_INGEST_MAX_EVENTS</c>: most events of a JSON document, which is taken whole or not at all. Default 50,000.</summary>
    public int MaxDocumentEvents { get; init; } = 50_000;

    /// <summary><c>MESH_INGEST_PUBLISH_TIMEOUT_MS</c>: how long a publish may take before its outcome counts as unknown. Default 30 s.</summary>
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>MESH_INGEST_WAIT_MS</c>: how long a streamed request that has begun may wait for room in the queue. Default 10 s.</summary>
    public TimeSpan RoomTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long acknowledgements wait for the ledger to be stored. Default 10 s.</summary>
    public TimeSpan LedgerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Told to clients with 429 and 503. Default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>First and longest pause between attempts of a source or of the start. Defaults 100 ms and 5 s.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most rejected events that one answer lists. Default 1,000.</summary>
    public int MaxListedRejects { get; init; } = 1_000;

    /// <summary><c>MESH_INGEST_SENDER_DAYS</c>: how long the position of a named gRPC sender is kept after its last event. Default 30.</summary>
    public TimeSpan SenderLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary><c>MESH_INGEST_MEMORY_BYTES</c>: what all requests may hold together: bodies, incomplete lines, batches, answers. Beyond seven eighths of it new requests get 429. Default 256 MiB.</summary>
    public long MemoryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary><c>MESH_INGEST_MAX_CONNECTIONS</c>: connections at once; further ones are closed. Default 20,000.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary><c>MESH_INGEST_BODY_MS</c>: how long a body that must be there whole may take to arrive. Default 60 s; streams may pause as long as they like.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>MESH_INGEST_ANSWER_MS</c>: how long an answer may wait to be read before its connection is cut. Default 30 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>MESH_INGEST_ANSWER_BYTES_PER_SECOND</c>: what a client must read of its answers once <see cref="AnswerTimeout"/> has passed, else its connection is cut. Default 4,096.</summary>
    public int MinAnswerBytesPerSecond { get; init; } = 4 * 1024;

    /// <summary><c>MESH_INGEST_WARM_UP</c>: requests that the service makes of itself before it is ready, stored and counted nowhere, three times, so that the first of its clients finds compiled code; 0 for none. Default 40, once in a process: what was called 30 times is compiled well.</summary>
    public int WarmUpRequests { get; init; } = 40;

    /// <summary><c>MESH_INGEST_MAX_RATIO</c>: a packed body may unpack to so many times its bytes, beyond the first <see cref="FreeUnpackedBytes"/>. Default 200.</summary>
    public int MaxUnpackRatio { get; init; } = 200;

    /// <summary>Unpacked bytes to which no ratio applies: what little a packed body begins with tells nothing. Default 4 MiB.</summary>
    public long FreeUnpackedBytes { get; init; } = 4L * 1024 * 1024;

    /// <summary><c>MESH_INGEST_TENANT_HEADER</c>: the header that names the tenant. Default <c>X-Tenant-Key</c>.</summary>
    public string TenantHeader { get; init; } = "X-Tenant-Key";

    /// <summary><c>MESH_INGEST_LIMITS</c>: JSON file with rate limits per tenant, read again when it changes; empty for none.</summary>
    public string LimitsFile { get; init; } = "";

    /// <summary><c>MESH_INGEST_MAX_TENANTS</c>: tenants with limits of their own that are remembered; further ones share one. Default 10,000.</summary>
    public int MaxTenants { get; init; } = 10_000;

    /// <summary><c>MESH_INGEST_KEY_HOURS</c>: how long an idempotency key and its answer are kept. Default 24.</summary>
    public TimeSpan KeyLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary><c>MESH_INGEST_KEY_LEASE_MS</c>: after a crash a request can be sent again with its key once so much time has passed since its service was last alive. Default 10 s.</summary>
    public TimeSpan KeyLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// <c>MESH_INGEST_PATH</c> into <c>MESH_INGEST_STREAM</c>, with <c>MESH_INGEST_FORMAT</c> and <c>MESH_INGEST_ON_ERROR</c> (stop, skip): the one file
    /// or folder to read in place of the pipelines' sources. Default null: those.
    /// </summary>
    public AdHocSource? Only { get; init; }

    /// <summary>Reads the settings. Throws with the name, the value found and what is accepted.</summary>
    public static IngestionOptions From(IConfiguration configuration)
    {
        var defaults = new IngestionOptions();
        return defaults with
        {
            Only = OnlyOf(configuration),
            MaxEventBytes = Number(configuration, "MESH_INGEST_MAX_EVENT_BYTES", defaults.MaxEventBytes),
            KeepWholeBytes = Number(configuration, "MESH_INGEST_KEEP_BYTES", defaults.KeepWholeBytes),
            SourceBatchRows = Number(configuration, "MESH_INGEST_BATCH_ROWS", defaults.SourceBatchRows),
            FilesRemembered = Number(configuration, "MESH_INGEST_FILES_REMEMBERED", defaults.FilesRemembered),
            QueueEvents = Number(configuration, "MESH_INGEST_QUEUE_EVENTS", defaults.QueueEvents),
            QueueBytes = Number(configuration, "MESH_INGEST_QUEUE_BYTES", defaults.QueueBytes),
            MaxJsonBodyBytes = Number(configuration, "MESH_INGEST_MAX_BODY_BYTES", defaults.MaxJsonBodyBytes),
            PublishTimeout = Milliseconds(configuration, "MESH_INGEST_PUBLISH_TIMEOUT_MS", defaults.PublishTimeout),
            RoomTimeout = Milliseconds(configuration, "MESH_INGEST_WAIT_MS", defaults.RoomTimeout),
            SenderLifetime = TimeSpan.FromDays(Number(configuration, "MESH_INGEST_SENDER_DAYS", (int)defaults.SenderLifetime.TotalDays)),
            MaxDocumentEvents = Number(configuration, "MESH_INGEST_MAX_EVENTS", defaults.MaxDocumentEvents),
            MemoryBytes = Number(configuration, "MESH_INGEST_MEMORY_BYTES", defaults.MemoryBytes),
            MaxConnections = Number(configuration, "MESH_INGEST_MAX_CONNECTIONS", defaults.MaxConnections),
            BodyTimeout = Milliseconds(configuration, "MESH_INGEST_BODY_MS", defaults.BodyTimeout),
            AnswerTimeout = Milliseconds(configuration, "MESH_INGEST_ANSWER_MS", defaults.AnswerTimeout),
            MinAnswerBytesPerSecond = Number(configuration, "MESH_INGEST_ANSWER_BYTES_PER_SECOND", defaults.MinAnswerBytesPerSecond),
            WarmUpRequests = configuration["MESH_INGEST_WARM_UP"] is "0" ? 0 : Number(configuration, "MESH_INGEST_WARM_UP", defaults.WarmUpRequests),
            MaxUnpackRatio = Number(configuration, "MESH_INGEST_MAX_RATIO", defaults.MaxUnpackRatio),
            TenantHeader = configuration["MESH_INGEST_TENANT_HEADER"] is { Length: > 0 } header ? header : defaults.TenantHeader,
            LimitsFile = configuration["MESH_INGEST_LIMITS"] ?? defaults.LimitsFile,
            MaxTenants = Number(configuration, "MESH_INGEST_MAX_TENANTS", defaults.MaxTenants),
            KeyLifetime = TimeSpan.FromHours(Number(configuration, "MESH_INGEST_KEY_HOURS", (int)defaults.KeyLifetime.TotalHours)),
            KeyLease = Milliseconds(configuration, "MESH_INGEST_KEY_LEASE_MS", defaults.KeyLease),
        };
    }

    private static AdHocSource? OnlyOf(IConfiguration configuration)
    {
        if (configuration["MESH_INGEST_PATH"] is not { Length: > 0 } path)
            return null;
        var format = configuration["MESH_INGEST_FORMAT"];
        var skip = string.Equals(configuration["MESH_INGEST_ON_ERROR"], nameof(FileFaultPolicy.Skip), StringComparison.OrdinalIgnoreCase);
        return new AdHocSource(Path.GetFullPath(path), configuration["MESH_INGEST_STREAM"] ?? "", string.IsNullOrEmpty(format) ? null : format, skip ? FileFaultPolicy.Skip : FileFaultPolicy.Stop);
    }

    private static TimeSpan Milliseconds(IConfiguration configuration, string name, TimeSpan fallback) =>
        TimeSpan.FromMilliseconds(Number(configuration, name, (int)fallback.TotalMilliseconds));

    private static int Number(IConfiguration configuration, string name, int fallback) =>
        (int)Number(configuration, name, fallback, int.MaxValue);

    private static long Number(IConfiguration configuration, string name, long fallback) =>
        Number(configuration, name, fallback, long.MaxValue);

    private static long Number(IConfiguration configuration, string name, long fallback, long most)
    {
        if (configuration[name] is not { Length: > 0 } text)
            return fallback;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= most
            ? value
            : throw new RealTimeMeshException($"setting {name}: found '{text}'; expected a whole number of 1 to {most}. Correct it or leave it out for {fallback}.");
    }
}
