using Microsoft.Extensions.Configuration;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// What every service is told by its surroundings: environment variables in production, command-line pairs
/// (<c>--MESH_DATA=…</c>) when the host runs it in process. Names are the same in both.
/// </summary>
public sealed record MeshSettings
{
    /// <summary><c>MESH_PIPELINES</c>: folder of pipeline folders. Default <c>pipelines</c>.</summary>
    public string PipelinesPath { get; init; } = "pipelines";

    /// <summary><c>MESH_PIPELINE</c>: comma-separated names of the pipelines to run; empty for all.</summary>
    public IReadOnlyList<string> PipelineNames { get; init; } = [];

    /// <summary><c>MESH_DATA</c>: the data folder. Default <c>.mesh</c>.</summary>
    public string DataPath { get; init; } = ".mesh";

    /// <summary><c>MESH_LAKE</c>: root of the Delta tables. Default <c>{MESH_DATA}/lake</c>.</summary>
    public string LakePath { get; init; } = ".mesh/lake";

    /// <summary><c>APP_ID</c>, which <c>dapr run</c> and the host set: this app's id, by which dead letters name who gave an event up; null where it is not told.</summary>
    public string? AppId { get; init; }

    /// <summary><c>MESH_PUBSUB</c>: name of the pub/sub component. Default <c>pubsub</c>.</summary>
    public string PubSubName { get; init; } = "pubsub";

    /// <summary><c>MESH_STATESTORE</c>: name of the state component. Default <c>statestore</c>.</summary>
    public string StateStoreName { get; init; } = "statestore";

    /// <summary><c>MESH_REPLAY</c>: <c>max</c>, <c>off</c>, or how many times faster than event time sources are replayed; empty for the rate each source declares.</summary>
    public string Replay { get; init; } = "";

    /// <summary><c>SCHEMA_REGISTRY_URL</c>. Default <c>http://127.0.0.1:8081</c>.</summary>
    public Uri SchemaRegistryUrl { get; init; } = new("http://127.0.0.1:8081");

    /// <summary><c>WAREHOUSE_URL</c>: the SQL REST API. Default <c>http://127.0.0.1:8084</c>.</summary>
    public Uri WarehouseUrl { get; init; } = new("http://127.0.0.1:8084");

    /// <summary><c>MESH_INGESTION_URL</c>, <c>MESH_STREAMPROCESSOR_URL</c>, <c>MESH_LAKEHOUSE_URL</c>, <c>MESH_SPARKJOBS_URL</c>: where the other services listen.</summary>
    public Uri IngestionUrl { get; init; } = new("http://127.0.0.1:5101");

    public Uri StreamProcessorUrl { get; init; } = new("http://127.0.0.1:5102");

    public Uri LakehouseUrl { get; init; } = new("http://127.0.0.1:5103");

    public Uri SparkJobsUrl { get; init; } = new("http://127.0.0.1:5104");

    /// <summary><c>MESH_TOPICS_URL</c>: administration of topics. Default <c>http://127.0.0.1:5106</c>; null where it is set to nothing: there is none.</summary>
    public Uri? TopicsUrl { get; init; } = new("http://127.0.0.1:5106");

    /// <summary><c>MESH_DEAD_LETTERS_URL</c>: collected dead letters. Null, the default, where they are not collected.</summary>
    public Uri? DeadLettersUrl { get; init; }

    public static MeshSettings From(IConfiguration configuration)
    {
        var defaults = new MeshSettings();
        var data = configuration["MESH_DATA"] ?? defaults.DataPath;
        return defaults with
        {
            PipelinesPath = configuration["MESH_PIPELINES"] ?? defaults.PipelinesPath,
            PipelineNames = (configuration["MESH_PIPELINE"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            DataPath = data,
            LakePath = configuration["MESH_LAKE"] ?? Path.Combine(data, "lake"),
            AppId = configuration["APP_ID"] is { Length: > 0 } app ? app : null,
            PubSubName = configuration["MESH_PUBSUB"] ?? defaults.PubSubName,
            StateStoreName = configuration["MESH_STATESTORE"] ?? defaults.StateStoreName,
            Replay = configuration["MESH_REPLAY"] ?? defaults.Replay,
            SchemaRegistryUrl = Address(configuration, "SCHEMA_REGISTRY_URL", defaults.SchemaRegistryUrl),
            WarehouseUrl = Address(configuration, "WAREHOUSE_URL", defaults.WarehouseUrl),
            IngestionUrl = Address(configuration, "MESH_INGESTION_URL", defaults.IngestionUrl),
            StreamProcessorUrl = Address(configuration, "MESH_STREAMPROCESSOR_URL", defaults.StreamProcessorUrl),
            LakehouseUrl = Address(configuration, "MESH_LAKEHOUSE_URL", defaults.LakehouseUrl),
            SparkJobsUrl = Address(configuration, "MESH_SPARKJOBS_URL", defaults.SparkJobsUrl),
            DeadLettersUrl = configuration["MESH_DEAD_LETTERS_URL"] is { Length: > 0 } letters ? new Uri(letters) : null,
            TopicsUrl = configuration["MESH_TOPICS_URL"] is "" ? null : Address(configuration, "MESH_TOPICS_URL", defaults.TopicsUrl!),
        };
    }

    private static Uri Address(IConfiguration configuration, string key, Uri fallback) =>
        configuration[key] is { Length: > 0 } text ? new Uri(text) : fallback;
}
