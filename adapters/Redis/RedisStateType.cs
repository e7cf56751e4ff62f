using RealTimeMesh.Components;

namespace RealTimeMesh.Redis;

/// <summary><c>state.redis</c>: values in Redis, Valkey or Garnet, laid out as daprd's component does (a hash with <c>data</c> and <c>version</c>).</summary>
public sealed class RedisStateType : IComponentType
{
    public string Name => "state.redis";

    public IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        new("redisHost", Required: true, Check: RedisSettings.CheckHosts),
        new("redisPassword"),
        new("redisUsername"),
        new("redisDB", Check: SettingChecks.Integer(0, 16_384)),
        new("redisType", Check: SettingChecks.OneOf("node", "cluster")),
        new("enableTLS", Check: SettingChecks.Boolean),
        new("failover", Check: value => ComponentSettings.TryParseBoolean(value, out var on) && !on ? null : "false (Sentinel is not supported)"),
        new("ttlInSeconds", Check: SettingChecks.Integer(-1, int.MaxValue)),
        new("dialTimeout", Check: SettingChecks.Duration),
        new("readTimeout", Check: SettingChecks.Duration),
        new("writeTimeout", Check: SettingChecks.Duration),
        new("maxRetries", Check: SettingChecks.Integer(0, 1000)),
        new("redisMaxRetries", Check: SettingChecks.Integer(0, 1000)),
        .. RedisSettings.Harmless.Select(name => new ComponentSetting(name)),
    ];

    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken) =>
        await RedisStateStore.ConnectAsync(RedisSettings.From(spec), context.Time, cancellationToken);
}
