using RealTimeMesh.AppHost.Topology;
using RealTimeMesh.Components;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Retries;

namespace RealTimeMesh.AppHost.Running;

/// <summary>Which part listens where; fixed before anything starts, so that every part can be told of the others.</summary>
internal sealed record MeshPlan
{
    /// <summary>Loopback port under which embedded component files expect the Redis stand-in.</summary>
    public const int RedisStandInPort = 6380;

    public required IReadOnlyList<AppPlan> Apps { get; init; }

    /// <summary>Policies by which events are given to apps again.</summary>
    public IReadOnlyList<RetryPolicy> Retries { get; init; } = [];

    public required int RegistryPort { get; init; }

    public required int WarehousePort { get; init; }

    /// <summary>0 where no component asks for the Redis stand-in.</summary>
    public required int RedisPort { get; init; }

    /// <summary>Port of topic administration; 0 where the pub/sub component has none.</summary>
    public required int TopicsPort { get; init; }

    /// <summary>Port of dead letters; 0 where the pub/sub component keeps no messages.</summary>
    public required int DeadLettersPort { get; init; }

    /// <summary>Component specs, with the address of a stand-in that had to move.</summary>
    public required IReadOnlyList<ComponentSpec> Components { get; init; }

    public Uri RegistryUrl => Loopback(RegistryPort);

    /// <summary>Where topics are administered, or null.</summary>
    public Uri? TopicsUrl => TopicsPort == 0 ? null : Loopback(TopicsPort);

    /// <summary>Where dead letters are listed and redriven, or null.</summary>
    public Uri? DeadLettersUrl => DeadLettersPort == 0 ? null : Loopback(DeadLettersPort);

    public Uri WarehouseUrl => Loopback(WarehousePort);

    /// <summary>Where the console is served, or null.</summary>
    public Uri? ConsoleUrl => Apps.FirstOrDefault(app => app.InProcess?.AddressKey == "MESH_CONSOLE_URL")?.Url;

    public static MeshPlan Make(HostOptions options, RunFile runFile, IReadOnlyList<ComponentSpec> components, Ports ports)
    {
        var retries = RetryPolicyLoader.Load(options.RetriesPath).Policies;
        List<AppPlan> apps = [];
        foreach (var app in runFile.Apps)
        {
            var inProcess = AppCatalog.Find(app);
            if (options.NoConsole && inProcess?.AddressKey == "MESH_CONSOLE_URL")
                continue;
            if (inProcess?.AddressKey == RetriesApp.AddressKey && retries.Count == 0)
                continue;
            apps.Add(new AppPlan(app, inProcess, ports.Take(app.AppId, app.AppPort), ports.Take($"{app.AppId} sidecar HTTP", app.DaprHttpPort), ports.Take($"{app.AppId} sidecar gRPC", app.DaprGrpcPort)));
        }

        var wantsRedis = components.Any(UsesRedisStandIn);
        var redis = wantsRedis ? ports.Take("Redis stand-in", RedisStandInPort) : 0;
        return new MeshPlan
        {
            Apps = apps,
            Retries = retries,
            RegistryPort = ports.Take("schema registry", 8081),
            WarehousePort = ports.Take("warehouse", 8084),
            RedisPort = redis,
            TopicsPort = components.Any(IsAdministered) ? ports.Take("topics", 5106) : 0,
            DeadLettersPort = components.Any(KeepsLetters) ? ports.Take("dead letters", 5107) : 0,
            Components = [.. components.Select(spec => UsesRedisStandIn(spec) ? WithRedis(spec, redis) : spec)],
        };
    }

    /// <summary>The address of another part, as a service's setting.</summary>
    public static Uri Loopback(int port) => new($"http://127.0.0.1:{port}");

    /// <summary>The mesh's own pub/sub, of a type whose topics and groups can be administered.</summary>
    public static bool IsAdministered(ComponentSpec spec) => spec is { Name: "pubsub", Type: "pubsub.rocksdb" or "pubsub.kafka" };

    /// <summary>The mesh's own pub/sub, of a type that keeps messages until they are consumed.</summary>
    public static bool KeepsLetters(ComponentSpec spec) => IsAdministered(spec) || spec is { Name: "pubsub", Type: "pubsub.redis" };

    private static bool UsesRedisStandIn(ComponentSpec spec) =>
        spec.Metadata.TryGetValue("redisHost", out var host)
        && host is "127.0.0.1:6380" or "localhost:6380";

    private static ComponentSpec WithRedis(ComponentSpec spec, int port) =>
        spec with { Metadata = new Dictionary<string, string>(spec.Metadata, StringComparer.OrdinalIgnoreCase) { ["redisHost"] = $"127.0.0.1:{port}" } };
}

/// <summary>An app, its sidecar and their ports.</summary>
/// <param name="InProcess">How to build it in this process; null for a child process.</param>
internal sealed record AppPlan(RunApp App, InProcessApp? InProcess, int Port, int DaprHttpPort, int DaprGrpcPort)
{
    public Uri Url => MeshPlan.Loopback(Port);
}
