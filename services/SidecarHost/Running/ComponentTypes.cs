using RealTimeMesh.Components;
using RealTimeMesh.Kafka;
using RealTimeMesh.Redis;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Sqlite;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>The component types of this executable. Nothing of a type is loaded before a component of it starts.</summary>
internal static class ComponentTypes
{
    public static ComponentTypeRegistry All() => new(
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
    ]);
}
