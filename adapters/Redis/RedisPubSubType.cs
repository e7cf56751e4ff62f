using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Redis.Streams;
using StackExchange.Redis;

namespace RealTimeMesh.Redis;

/// <summary><c>pubsub.redis</c>: topics as streams of Redis or Valkey, messages and groups as daprd's component has them, so that both share a stream.</summary>
public sealed class RedisPubSubType : IComponentType
{
    public string Name => "pubsub.redis";

    public IReadOnlyList<ComponentSetting> Settings { get; } = [.. RedisSettings.Common, .. RedisStreamsOptions.Settings];

    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var settings = RedisSettings.From(spec);
        var options = RedisStreamsOptions.From(spec);
        var logger = context.Logs.CreateLogger<RedisPubSubType>();
        if (options is { MaxLength: > 0 } && options.StreamTtl > TimeSpan.Zero)
            Log.TwoTrimmings(logger);
        ConnectionMultiplexer? connection = null;
        try
        {
            connection = await RedisConnections.ConnectAsync(settings, cancellationToken);
            await RefuseWithoutStreamsAsync(settings, connection.GetDatabase()).WaitAsync(cancellationToken);
            return new RedisStreamsBroker(settings, options, connection, context.Time, logger);
        }
        catch (Exception e)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            if (e is RedisException or RedisTimeoutException)
                throw new RedisStoreException($"redis streams: error connecting to redis at {settings.Hosts}: {e.Message}", e);
            throw;
        }
    }

    private static async Task RefuseWithoutStreamsAsync(RedisSettings settings, IDatabase database)
    {
        await database.PingAsync();
        try
        {
            await database.StreamLengthAsync("dapr:no-such-stream");
        }
        catch (RedisServerException e) when (e.Message.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            var server = (await RedisConnections.DescribeAsync(database)).Contains("garnet", StringComparison.OrdinalIgnoreCase) ? "Garnet" : "a server";
            throw new RedisStoreException($"redis streams: redisHost '{settings.Hosts}': found {server} without streams ({e.Message}); expected Redis 5 or later, or Valkey; name such a server, or use pubsub.rocksdb.", e);
        }
    }
}
