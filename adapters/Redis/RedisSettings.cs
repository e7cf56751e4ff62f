using System.Globalization;
using System.Net;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis;

/// <summary>The connection that a component's settings ask for.</summary>
internal sealed record RedisSettings
{
    /// <summary>
    /// Settings of daprd's component that change nothing here: a multiplexed connection has no pool,
    /// and key prefix and actors are the sidecar's business.
    /// </summary>
    public static IReadOnlyList<string> Harmless { get; } =
    [
        "keyPrefix", "actorStateStore", "poolSize", "poolTimeout", "minIdleConns", "maxIdleConns", "maxConnAge", "idleCheckFrequency", "idleTimeout",
        "redisMinRetryInterval", "redisMaxRetryInterval", "maxRetryBackoff",
    ];

    public required ConfigurationOptions Connection { get; init; }

    /// <summary>Time to live of values written without one; null for none.</summary>
    public TimeSpan? DefaultTtl { get; init; }

    public string Hosts { get; init; } = "";

    public static string? CheckHosts(string value) =>
        value.Split(',').All(h => EndPointCollection.TryParse(h.Trim()) is DnsEndPoint or IPEndPoint && h.Trim().Length > 0) ? null : "host:port, several separated by commas";

    public static RedisSettings From(ComponentSpec spec)
    {
        // A batch of thousands of writes may queue behind others: longer than daprd's 5 s of one pooled connection.
        var timeout = TimeSpan.FromTicks(Math.Max(
            spec.Duration("readTimeout", TimeSpan.FromSeconds(15)).Ticks, spec.Duration("writeTimeout", TimeSpan.FromSeconds(15)).Ticks));
        var connection = new ConfigurationOptions
        {
            User = Optional(spec, "redisUsername"),
            Password = Optional(spec, "redisPassword"),
            DefaultDatabase = (int)spec.Integer("redisDB", 0),
            Ssl = spec.Boolean("enableTLS", false),
            ConnectTimeout = (int)spec.Duration("dialTimeout", TimeSpan.FromSeconds(5)).TotalMilliseconds,
            ConnectRetry = (int)spec.Integer("maxRetries", spec.Integer("redisMaxRetries", 3)),
            AsyncTimeout = (int)timeout.TotalMilliseconds,
            SyncTimeout = (int)timeout.TotalMilliseconds,
            AbortOnConnectFail = true,
        };
        var hosts = spec.Text("redisHost", "");
        foreach (var host in hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            connection.EndPoints.Add(host.Contains(':', StringComparison.Ordinal) ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:6379"));
        var ttl = spec.Integer("ttlInSeconds", 0);
        return new RedisSettings { Connection = connection, DefaultTtl = ttl > 0 ? TimeSpan.FromSeconds(ttl) : null, Hosts = hosts };
    }

    private static string? Optional(ComponentSpec spec, string name) => spec.Text(name, "") is { Length: > 0 } value ? value : null;
}
