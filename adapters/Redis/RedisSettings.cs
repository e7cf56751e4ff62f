using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis;

/// <summary>The connection that a component's settings ask for.</summary>
internal sealed record RedisSettings
{
    private const int DefaultPort = 6379;

    /// <summary>Settings of both of daprd's Redis components. The pool's change nothing: one multiplexed connection needs none.</summary>
    public static IReadOnlyList<ComponentSetting> Common { get; } =
    [
        new("redisHost", Required: true, Check: CheckHosts),
        new("redisPort", Check: Optional(SettingChecks.Integer(0, 65_535))),
        new("redisPassword"),
        new("redisUsername"),
        new("redisDB", Check: Optional(SettingChecks.Integer(0, 16_384))),
        new("redisType", Check: Optional(SettingChecks.OneOf("node", "cluster"))),
        new("enableTLS", Check: Optional(SettingChecks.Boolean)),
        new("insecureSkipTLSVerify", Check: Optional(SettingChecks.Boolean)),
        new("clientCert", Check: CheckCertificate),
        new("clientKey"),
        new("failover", Check: Optional(SettingChecks.Boolean)),
        new("sentinelMasterName"),
        new("sentinelUsername"),
        new("sentinelPassword"),
        new("useEntraID", Check: CheckEntra),
        new("useAzureAD", Check: CheckEntra),
        new("dialTimeout", Check: RedisDuration.Check),
        new("readTimeout", Check: RedisDuration.Check),
        new("writeTimeout", Check: RedisDuration.Check),
        new("redisMaxRetries", Check: Optional(SettingChecks.Integer(-1, 1000))),
        new("maxRetries", Check: Optional(SettingChecks.Integer(-1, 1000))),
        new("redisMinRetryInterval", Check: RedisDuration.Check),
        new("redisMaxRetryInterval", Check: RedisDuration.Check),
        new("maxRetryBackoff", Check: RedisDuration.Check),
        .. new[] { "poolSize", "poolTimeout", "minIdleConns", "maxIdleConns", "maxConnAge", "idleCheckFrequency", "idleTimeout" }.Select(name => new ComponentSetting(name)),
    ];

    public required ConfigurationOptions Connection { get; init; }

    /// <summary>The hosts as the component names them, for errors.</summary>
    public string Hosts { get; init; } = "";

    public static string? CheckHosts(string value)
    {
        foreach (var host in value.Split(','))
        {
            var text = host.Trim();
            if (text.Length == 0 || EndPointCollection.TryParse(text) is null)
                return "host:port, several separated by commas";
        }

        return null;
    }

    /// <summary>Throws <see cref="RedisStoreException"/> where settings contradict each other.</summary>
    public static RedisSettings From(ComponentSpec spec)
    {
        // A batch of thousands of writes may queue behind others: longer than the 3 s of one pooled connection.
        var read = spec.Milliseconds("readTimeout", TimeSpan.FromSeconds(15));
        var write = spec.Milliseconds("writeTimeout", TimeSpan.FromSeconds(15));
        var timeout = Milliseconds(read < TimeSpan.Zero || write < TimeSpan.Zero ? TimeSpan.Zero : read > write ? read : write);
        var connection = new ConfigurationOptions
        {
            User = Optional(spec, "redisUsername"),
            Password = Optional(spec, "redisPassword"),
            DefaultDatabase = IsCluster(spec) ? 0 : (int)spec.Integer("redisDB", 0),
            Ssl = spec.Boolean("enableTLS", false),
            ConnectTimeout = Milliseconds(spec.Milliseconds("dialTimeout", TimeSpan.FromSeconds(5))),
            ConnectRetry = (int)Math.Max(1, spec.Integer("redisMaxRetries", spec.Integer("maxRetries", 3))),
            AsyncTimeout = timeout,
            SyncTimeout = timeout,
            AbortOnConnectFail = true,
            // A server that comes back is found again at once, not after seconds of growing pauses.
            ReconnectRetryPolicy = new LinearRetry(200),
            // INFO counts as an administrator's command here.
            AllowAdmin = true,
            // With the other protocol, replies to commands of streams have another shape.
            Protocol = RedisProtocol.Resp2,
        };
        var hosts = spec.Text("redisHost", "");
        foreach (var host in hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            connection.EndPoints.Add(WithPort(host, (int)spec.Integer("redisPort", 0)));
        UseTls(spec, connection);
        UseSentinel(spec, connection);
        return new RedisSettings { Connection = connection, Hosts = hosts };
    }

    private static bool IsCluster(ComponentSpec spec) => string.Equals(spec.Text("redisType", "node"), "cluster", StringComparison.OrdinalIgnoreCase);

    private static string WithPort(string host, int port)
    {
        var colon = host.LastIndexOf(':');
        var hasPort = colon >= 0 && !host.EndsWith(']') && (host.StartsWith('[') || host.IndexOf(':', StringComparison.Ordinal) == colon);
        if (!hasPort)
            return string.Create(CultureInfo.InvariantCulture, $"{host}:{(port == 0 ? DefaultPort : port)}");
        return port == 0 || host[(colon + 1)..] == port.ToString(CultureInfo.InvariantCulture)
            ? host
            : throw new RedisStoreException($"redis host \"{host}\" already contains port {host[(colon + 1)..]}, but redisPort is set to {port}; either remove the port from redisHost or remove the redisPort setting");
    }

    private static void UseTls(ComponentSpec spec, ConfigurationOptions connection)
    {
        if (!connection.Ssl)
            return;
        if (spec.Boolean("insecureSkipTLSVerify", false))
        {
#pragma warning disable CA5359 // What the setting asks for: any certificate will do. For tests only, as its documentation says.
            connection.CertificateValidation += (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        if (spec.Text("clientCert", "") is not { Length: > 0 } certificate || spec.Text("clientKey", "") is not { Length: > 0 } key)
            return;
        try
        {
            var pair = X509Certificate2.CreateFromPem(certificate, key);
            connection.CertificateSelection += (_, _, _, _, _) => pair;
        }
        catch (CryptographicException e)
        {
            throw new RedisStoreException($"clientCert and clientKey: found no matching pair ({e.Message}); expected a certificate and its key in PEM; correct them.", e);
        }
    }

    private static void UseSentinel(ComponentSpec spec, ConfigurationOptions connection)
    {
        if (!spec.Boolean("failover", false))
            return;
        connection.ServiceName = spec.Text("sentinelMasterName", "") is { Length: > 0 } master
            ? master
            : throw new RedisStoreException("sentinelMasterName: found nothing; expected the name of the master that the sentinels watch; add it, or set failover to false.");
        connection.SentinelUser = Optional(spec, "sentinelUsername");
        connection.SentinelPassword = Optional(spec, "sentinelPassword");
    }

    private static string? CheckCertificate(string value) =>
        value.Length == 0 || value.Contains("-----BEGIN", StringComparison.Ordinal) ? null : "a certificate in PEM";

    private static string? CheckEntra(string value) =>
        value.Length == 0 || (ComponentSettings.TryParseBoolean(value, out var on) && !on) ? null : "false (Microsoft Entra ID is not supported; use redisUsername and redisPassword)";

    private static Func<string, string?> Optional(Func<string, string?> check) => value => value.Length == 0 ? null : check(value);

    private static string? Optional(ComponentSpec spec, string name) => spec.Text(name, "") is { Length: > 0 } value ? value : null;

    /// <summary>Whole milliseconds; none or a negative time is an hour, which is as good as no limit and yet ends.</summary>
    private static int Milliseconds(TimeSpan time) => time <= TimeSpan.Zero ? 3_600_000 : (int)Math.Min(time.TotalMilliseconds, int.MaxValue);
}
