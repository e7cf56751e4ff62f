using System.Globalization;

using RealTimeMesh.Components;
using RealTimeMesh.Redis.State;
using StackExchange.Redis;

namespace RealTimeMesh.Redis;

/// <summary><c>state.redis</c>: values in Redis, Valkey or Garnet, laid out as daprd's component does (a hash with <c>data</c> and <c>version</c>).</summary>
public sealed class RedisStateType : IComponentType
{
    public string Name => "state.redis";

    public IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        .. RedisSettings.Common,
        new("ttlInSeconds", Check: value => value.Length == 0 ? null : SettingChecks.Integer(int.MinValue, int.MaxValue)(value)),
        new("queryIndexes", Check: value => value.Length == 0 ? null : "nothing (queries need RediSearch; this store does not query)"),
        new("keyPrefix"),
        new("actorStateStore", Check: SettingChecks.Boolean),
    ];

    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var settings = RedisSettings.From(spec);
        TimeSpan? ttl = spec.Text("ttlInSeconds", "") is { Length: > 0 } text ? TimeSpan.FromSeconds(Math.Max(0, int.Parse(text, CultureInfo.InvariantCulture))) : null;
        ConnectionMultiplexer? connection = null;
        try
        {
            connection = await RedisConnections.ConnectAsync(settings, cancellationToken);
            var server = await DescribeAsync(connection.GetDatabase()).WaitAsync(cancellationToken);
            return new RedisStateStore(settings, connection, server, ttl, context.Time);
        }
        catch (Exception e)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            if (e is RedisException or RedisTimeoutException)
                throw new RedisStoreException($"redis store: error connecting to redis at {settings.Hosts}: {e.Message}", e);
            throw;
        }
    }

    private static async Task<RedisServerTraits> DescribeAsync(IDatabase database)
    {
        await database.PingAsync();
        // Garnet runs scripts a hundred times slower than it runs commands.
        var scripts = !(await RedisConnections.DescribeAsync(database)).Contains("garnet", StringComparison.OrdinalIgnoreCase);
        return new RedisServerTraits(scripts, await RedisConnections.CountReplicasAsync(database));
    }
}
