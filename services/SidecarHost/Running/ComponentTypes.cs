using RealTimeMesh.Components;
using RealTimeMesh.Kafka;
using RealTimeMesh.Redis;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Sqlite;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>The component types of this executable. Nothing of a type is loaded before a component of it starts.</summary>
internal static class ComponentTypes
{
    /// <summary>All of them; a pluggable one takes the place of one of ours of the same name, as in daprd.</summary>
    /// <param name="pluggable">Types behind sockets.</param>
    public static ComponentTypeRegistry All(IReadOnlyList<IComponentType> pluggable)
    {
        var types = new Dictionary<string, IComponentType>(StringComparer.OrdinalIgnoreCase);
        foreach (var type in BuiltIn().Concat(pluggable))
            types[type.Name] = type;
        return new ComponentTypeRegistry(types.Values);
    }

    private static IComponentType[] BuiltIn() =>
    [
        new InMemoryLogType(),
        new InMemoryPubSubType(),
        new InMemoryStateType(),
        new KafkaPubSubType(),
        new LocalEnvSecretStoreType(),
        new LocalFileSecretStoreType(),
        new RedisPubSubType(),
        new RedisStateType(),
        new RocksDbPubSubType(),
        new SqliteStateType(),
    ];
}
