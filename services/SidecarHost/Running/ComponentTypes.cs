using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Kafka;
using RealTimeMesh.Pluggable;
using RealTimeMesh.Redis;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Sidecar.Middleware;
using RealTimeMesh.Sqlite;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>The component types of this executable. Nothing of a type is loaded before a component of it starts.</summary>
internal static class ComponentTypes
{
    /// <summary>The built-in types and those that serve on sockets of the folder for pluggable components; these win.</summary>
    public static async Task<ComponentTypeRegistry> FindAsync(Func<string, string?> environment, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var options = PluggableOptions.FromEnvironment(environment);
        // Asked here: without sockets the client's libraries stay unloaded.
        var pluggable = Directory.Exists(options.SocketsFolder) ? await DiscoverAsync(options, logs, cancellationToken) : [];
        return new ComponentTypeRegistry([.. BuiltIn().Where(type => !pluggable.Any(other => other.Name.Equals(type.Name, StringComparison.OrdinalIgnoreCase))), .. pluggable]);
    }

    private static IEnumerable<IComponentType> BuiltIn() =>
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
        new RouteAliasMiddlewareType(),
        new SqliteStateType(),
        new UppercaseMiddlewareType(),
    ];

    private static Task<IReadOnlyList<IComponentType>> DiscoverAsync(PluggableOptions options, ILoggerFactory logs, CancellationToken cancellationToken) =>
        PluggableDiscovery.DiscoverAsync(options, TimeProvider.System, logs.CreateLogger("pluggable-components-discovery"), cancellationToken);
}
