namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Component files of the scenarios.</summary>
internal static class ComponentFiles
{
    public static string InMemoryBroker(string name) => File(name, "pubsub.in-memory");

    /// <summary>Synced before the acknowledgement.</summary>
    public static string RocksDbBroker(string name, string folder) => File(name, "pubsub.rocksdb", ("path", Path.Combine(folder, name)), ("durability", "sync"));

    public static string InMemoryStore(string name) => File(name, "state.in-memory");

    public static string RedisStore(string name, string host) => File(name, "state.redis", ("redisHost", host));

    private static string File(string name, string type, params (string Name, string Value)[] metadata) =>
        $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {"{"} name: {name} {"}"}
        spec:
          type: {type}
          version: v1
          initTimeout: 60s
          metadata: [{string.Join(", ", metadata.Select(pair => $"{{ name: {pair.Name}, value: \"{pair.Value}\" }}"))}]
        """;
}
