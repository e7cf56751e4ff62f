using System.Text.Json;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Console.Backends;

/// <summary>The services that pages ask, by what they are for.</summary>
internal sealed class BackendList(MeshSettings settings)
{
    public Backend Lakehouse { get; } = new("lakehouse", settings.LakehouseUrl, JsonNamingPolicy.SnakeCaseLower, IsGuarded: true);

    public Backend Ingestion { get; } = new("ingestion", settings.IngestionUrl, JsonNamingPolicy.SnakeCaseLower);

    public Backend Jobs { get; } = new("spark-jobs", settings.SparkJobsUrl, JsonNamingPolicy.SnakeCaseLower);

    public Backend Registry { get; } = new("schema-registry", settings.SchemaRegistryUrl, JsonNamingPolicy.CamelCase);

    /// <summary>Null where dead letters are not collected.</summary>
    public Backend? Letters { get; } = settings.DeadLettersUrl is { } letters ? new("dead-letters", letters, JsonNamingPolicy.CamelCase, IsGuarded: true) : null;

    /// <summary>Null where the pub/sub component has no administration.</summary>
    public Backend? Topics { get; } = settings.TopicsUrl is { } url ? new("topics", url, JsonNamingPolicy.CamelCase, IsGuarded: true) : null;
}
