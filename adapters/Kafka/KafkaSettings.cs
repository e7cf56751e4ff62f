using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>The settings of <c>pubsub.kafka</c>: those of daprd's component, and <c>librdkafka.*</c> for everything the client library knows.</summary>
internal static partial class KafkaSettings
{
    public const string NativePrefix = "librdkafka.";

    public static readonly string[] AuthTypes = ["none", "password", "certificate", "mtls", "oidc"];

    public static IReadOnlyList<ComponentSetting> All { get; } =
    [
        new("brokers", Required: true, Check: SettingChecks.NotEmpty),
        new("consumerGroup"),
        new("consumerID", Check: SettingChecks.NotEmpty),
        new("clientID"),
        new("authType", Check: SettingChecks.OneOf(AuthTypes)),
        new("authRequired", Check: SettingChecks.Boolean),
        new("saslUsername"),
        new("saslPassword"),
        new("saslMechanism", Check: SettingChecks.OneOf("PLAINTEXT", "PLAIN", "SHA-256", "SHA-512")),
        new("caCert", Check: Pem),
        new("clientCert", Check: Pem),
        new("clientKey", Check: Pem),
        new("skipVerify", Check: SettingChecks.Boolean),
        new("disableTls", Check: SettingChecks.Boolean),
        new("oidcTokenEndpoint", Check: Url),
        new("oidcClientID"),
        new("oidcClientSecret"),
        new("oidcScopes"),
        new("oidcExtensions"),
        new("initialOffset", Check: SettingChecks.OneOf("newest", "oldest")),
        new("maxMessageBytes", Check: SettingChecks.Integer(1000, 1_000_000_000)),
        new("consumeRetryEnabled", Check: SettingChecks.Boolean),
        new("consumeRetryInterval", Check: Interval),
        new("heartbeatInterval", Check: SettingChecks.Duration),
        new("sessionTimeout", Check: SettingChecks.Duration),
        new("version", Check: KafkaVersion),
        new("compression", Check: SettingChecks.OneOf("none", "gzip", "snappy", "lz4", "zstd")),
        new("producerRequiredAcks", Check: SettingChecks.OneOf("all", "local", "none")),
        new("producerRetryMax", Check: SettingChecks.Integer(0, int.MaxValue)),
        new("channelBufferSize", Check: SettingChecks.Integer(1, 10_000_000)),
        new("consumerFetchMin", Check: SettingChecks.Integer(1, 100_000_000)),
        new("consumerFetchDefault", Check: SettingChecks.Integer(1, 1_000_000_000)),
        new("consumerGroupRebalanceStrategy", Check: SettingChecks.OneOf("sticky", "range", "roundrobin")),
        new("clientConnectionTopicMetadataRefreshInterval", Check: SettingChecks.Duration),
        new("clientConnectionKeepAliveInterval", Check: SettingChecks.Duration),
        new("dialTimeout", Check: SettingChecks.Duration),
        new("readTimeout", Check: SettingChecks.Duration),
        new("writeTimeout", Check: SettingChecks.Duration),
        new("metadataTimeout", Check: SettingChecks.Duration),
        new("escapeHeaders", Check: SettingChecks.Boolean),
        new("excludeHeaderMetaRegex", Check: Pattern),
        new("schemaRegistryURL", Check: Url),
        new("schemaRegistryAPIKey"),
        new("schemaRegistryAPISecret"),
        new("schemaCachingEnabled", Check: SettingChecks.Boolean),
        new("schemaLatestVersionCacheTTL", Check: SettingChecks.Duration),
        new("useAvroJSON", Check: SettingChecks.Boolean),
        new(NativePrefix + "*"),
    ];

    /// <summary>A number is milliseconds, as in daprd's component; otherwise a duration.</summary>
    public static bool TryParseInterval(string text, out TimeSpan interval)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            interval = TimeSpan.FromMilliseconds(milliseconds);
            return true;
        }

        return GoDuration.TryParse(text, out interval) && interval >= TimeSpan.Zero;
    }

    private static string? Interval(string value) => TryParseInterval(value, out _) ? null : "milliseconds, or a duration such as 100ms, 2s";

    private static string? Pem(string value) =>
        value.Length == 0 || PemEncoding.TryFind(value, out _) ? null : "a PEM block (-----BEGIN ...) as text, not the path of a file";

    private static string? Url(string value) =>
        value.Length == 0 || (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") ? null : "an http or https address";

    private static string? Pattern(string value)
    {
        try
        {
            _ = new Regex(value, RegexOptions.NonBacktracking);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"a regular expression without look-around and back-references ({e.Message})";
        }
    }

    private static string? KafkaVersion(string value) =>
        value.Length == 0 || VersionPattern().IsMatch(value) ? null : "a Kafka version such as 2.0.0 (it is read only: the client asks the broker for its versions)";

    [GeneratedRegex(@"^(0\.\d+\.\d+\.\d+|[1-9]\d*\.\d+\.\d+(\.\d+)?)$")]
    private static partial Regex VersionPattern();
}
