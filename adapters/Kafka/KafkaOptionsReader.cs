using System.Globalization;
using System.Text.RegularExpressions;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Kafka;

/// <summary>Turns a component's settings into options; finds what is wrong between settings.</summary>
internal sealed class KafkaOptionsReader(ComponentSpec spec)
{
    private readonly List<ConfigurationFault> _faults = [];

    /// <summary>Throws <see cref="ConfigurationException"/> with every fault.</summary>
    public static KafkaOptions Read(ComponentSpec spec) => new KafkaOptionsReader(spec).Read();

    private KafkaOptions Read()
    {
        var client = Client();
        KafkaSecurity.Apply(spec, client, Fault);
        var producer = Producer();
        var consumer = Consumer();
        var options = new KafkaOptions
        {
            Client = client,
            Producer = producer,
            Consumer = consumer,
            Native = Native([]),
            FromOldest = spec.Text("initialOffset", "newest").Equals("oldest", StringComparison.OrdinalIgnoreCase),
            RetryEnabled = spec.Boolean("consumeRetryEnabled", true),
            EscapeHeaders = spec.Boolean("escapeHeaders", false),
            ExcludedHeaders = spec.Text("excludeHeaderMetaRegex", "") is { Length: > 0 } pattern ? new Regex(pattern, RegexOptions.NonBacktracking) : null,
            Registry = Registry(),
        };
        options = options with
        {
            BufferCount = (int)spec.Integer("channelBufferSize", options.BufferCount),
            MetadataTimeout = Positive("metadataTimeout", Positive("dialTimeout", options.MetadataTimeout)),
            MetadataRefresh = Positive("clientConnectionTopicMetadataRefreshInterval", options.MetadataRefresh),
            HandBackLimit = consumer.TryGetValue("max.poll.interval.ms", out var limit) && long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
                ? TimeSpan.FromMilliseconds(ms)
                : options.HandBackLimit,
        };
        return _faults.Count == 0 ? options : throw new ConfigurationException(_faults);
    }

    private Dictionary<string, string> Client()
    {
        var timeout = Longer(Positive("readTimeout", TimeSpan.FromSeconds(30)), Positive("writeTimeout", TimeSpan.FromSeconds(30)));
        return new(StringComparer.Ordinal)
        {
            ["bootstrap.servers"] = spec.Text("brokers", ""),
            ["client.id"] = spec.Text("clientID", "realtimemesh"),
            ["socket.keepalive.enable"] = "true",
            ["connections.max.idle.ms"] = Milliseconds(spec.Duration("clientConnectionKeepAliveInterval", TimeSpan.Zero)),
            ["log.connection.close"] = "false",
            ["topic.metadata.refresh.interval.ms"] = Milliseconds(Positive("clientConnectionTopicMetadataRefreshInterval", TimeSpan.FromMinutes(8))),
            ["socket.connection.setup.timeout.ms"] = Milliseconds(Positive("dialTimeout", TimeSpan.FromSeconds(30))),
            ["socket.timeout.ms"] = Milliseconds(timeout),
            // A broker that comes back is noticed within a second, not the library's ten.
            ["reconnect.backoff.max.ms"] = "1000",
        };
    }

    private Dictionary<string, string> Producer()
    {
        var acks = spec.Text("producerRequiredAcks", "all").ToLowerInvariant();
        var retries = spec.Integer("producerRetryMax", int.MaxValue);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // Idempotence needs the acknowledgement of all replicas and retries.
            ["enable.idempotence"] = acks == "all" && retries > 0 ? "true" : "false",
            ["acks"] = acks switch { "local" => "1", "none" => "0", _ => "all" },
            ["message.send.max.retries"] = retries.ToString(CultureInfo.InvariantCulture),
            ["message.timeout.ms"] = "30000",
            ["message.max.bytes"] = spec.Integer("maxMessageBytes", 1024 * 1024).ToString(CultureInfo.InvariantCulture),
            ["compression.type"] = spec.Text("compression", "lz4").ToLowerInvariant(),
            ["linger.ms"] = "5",
            ["batch.size"] = "65536",
            // The queue is the bound on what publishers may have under way: beyond it they are refused.
            ["queue.buffering.max.messages"] = "500000",
            ["queue.buffering.max.kbytes"] = "131072",
            ["partitioner"] = "murmur2_random",
            ["dotnet.producer.delivery.report.fields"] = "status",
        };
        return Native(settings);
    }

    private Dictionary<string, string> Consumer()
    {
        var strategy = spec.Text("consumerGroupRebalanceStrategy", "sticky").ToLowerInvariant();
        var heartbeat = spec.Duration("heartbeatInterval", TimeSpan.FromSeconds(3));
        var session = spec.Duration("sessionTimeout", TimeSpan.FromSeconds(10));
        if (heartbeat >= session)
            Fault("heartbeatInterval", $"{heartbeat} beside a sessionTimeout of {session}", "less than the sessionTimeout", "Heartbeats must come several times within a session: take a third of it.");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["enable.auto.offset.store"] = "false",
            ["enable.auto.commit"] = "true",
            ["auto.commit.interval.ms"] = "250",
            ["allow.auto.create.topics"] = "true",
            ["partition.assignment.strategy"] = strategy == "sticky" ? "cooperative-sticky" : strategy,
            ["heartbeat.interval.ms"] = Milliseconds(heartbeat),
            ["session.timeout.ms"] = Milliseconds(session),
            ["max.poll.interval.ms"] = "300000",
            ["fetch.min.bytes"] = spec.Integer("consumerFetchMin", 1).ToString(CultureInfo.InvariantCulture),
            ["max.partition.fetch.bytes"] = spec.Integer("consumerFetchDefault", 1024 * 1024).ToString(CultureInfo.InvariantCulture),
            ["queued.max.messages.kbytes"] = "16384",
            ["fetch.queue.backoff.ms"] = "5",
        };
        return Native(settings);
    }

    /// <summary>What the user says in the library's own words comes last.</summary>
    private Dictionary<string, string> Native(Dictionary<string, string> settings)
    {
        foreach (var (name, value) in spec.Metadata)
        {
            if (name.StartsWith(KafkaSettings.NativePrefix, StringComparison.OrdinalIgnoreCase))
                settings[name[KafkaSettings.NativePrefix.Length..]] = value;
        }

        return settings;
    }

    private RegistryOptions? Registry()
    {
        if (spec.Text("schemaRegistryURL", "") is not { Length: > 0 } url)
            return null;
        return new RegistryOptions
        {
            Url = new Uri(url),
            Key = spec.Text("schemaRegistryAPIKey", ""),
            Secret = spec.Text("schemaRegistryAPISecret", ""),
            LatestTtl = spec.Boolean("schemaCachingEnabled", true) ? spec.Duration("schemaLatestVersionCacheTTL", TimeSpan.FromMinutes(5)) : TimeSpan.Zero,
            AvroJson = spec.Boolean("useAvroJSON", false),
        };
    }

    /// <summary>Zero means the default, as in daprd's component.</summary>
    private TimeSpan Positive(string name, TimeSpan fallback) => spec.Duration(name, fallback) is var value && value > TimeSpan.Zero ? value : fallback;

    private void Fault(string setting, string found, string expected, string cure)
    {
        var line = spec.MetadataLines.TryGetValue(setting, out var known) ? known : spec.Line;
        _faults.Add(new ConfigurationFault(spec.File, line, $"component '{spec.Name}': {setting}", found, expected, cure));
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
