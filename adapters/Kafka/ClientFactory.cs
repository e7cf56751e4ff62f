using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Kafka;

/// <summary>Makes the clients of a component. A setting the client library refuses is a fault of the component's file.</summary>
internal sealed class ClientFactory(KafkaOptions options, ComponentSpec spec, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RepeatPause = TimeSpan.FromSeconds(10);

    /// <summary>A client tries a broker that is down many times a second: the same error is logged once in a while.</summary>
    private readonly ConcurrentDictionary<ErrorCode, long> _logged = new();

    /// <summary>A producer. <paramref name="failed"/> is told every error of the client, fatal ones included.</summary>
    public IProducer<byte[]?, byte[]?> Producer(Action<Error> failed) => Build(() => new ProducerBuilder<byte[]?, byte[]?>(Merge(options.Producer))
        .SetLogHandler((_, message) => Native(message))
        .SetErrorHandler((client, error) => Report(client, error, failed))
        .Build());

    public IAdminClient Admin(Action<Error> failed) => Build(() => new AdminClientBuilder(Merge(options.Native))
        .SetLogHandler((_, message) => Native(message))
        .SetErrorHandler((client, error) => Report(client, error, failed))
        .Build());

    /// <summary>A consumer that is still to be given its rebalance handlers.</summary>
    public ConsumerBuilder<byte[]?, byte[]?> Consumer(string group, bool fromOldest, Action<Error> failed)
    {
        var settings = Merge(options.Consumer);
        settings["group.id"] = group;
        settings.TryAdd("auto.offset.reset", fromOldest ? "earliest" : "latest");
        return new ConsumerBuilder<byte[]?, byte[]?>(settings)
            .SetLogHandler((_, message) => Native(message))
            .SetErrorHandler((client, error) => Report(client, error, failed));
    }

    /// <summary>A consumer that reads stored records and tells where a partition ends.</summary>
    public ConsumerBuilder<byte[]?, byte[]?> Browser(string group)
    {
        var settings = Merge(options.Consumer);
        settings["group.id"] = group;
        settings["enable.auto.commit"] = "false";
        settings["enable.partition.eof"] = "true";
        settings["auto.offset.reset"] = "earliest";
        // Asking must not make a topic.
        settings["allow.auto.create.topics"] = "false";
        return new ConsumerBuilder<byte[]?, byte[]?>(settings)
            .SetLogHandler((_, message) => Native(message))
            .SetErrorHandler((client, error) => Report(client, error, static _ => { }));
    }

    /// <summary>Runs a client's constructor, which is where the library looks at the settings.</summary>
    public T Build<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library quotes the name it knows a setting by, which may be an older one.
            var native = spec.Metadata.Keys.Where(name => name.StartsWith(KafkaSettings.NativePrefix, StringComparison.OrdinalIgnoreCase)).ToArray();
            var setting = native.FirstOrDefault(name => e.Message.Contains($"\"{name[KafkaSettings.NativePrefix.Length..]}\"", StringComparison.Ordinal))
                ?? (native.Length == 1 ? native[0] : null);
            var line = setting is not null && spec.MetadataLines.TryGetValue(setting, out var known) ? known : spec.Line;
            throw new ConfigurationException(
                [new ConfigurationFault(spec.File, line, $"component '{spec.Name}': {setting ?? "spec.metadata"}", $"a setting that the Kafka client refuses ({e.Message})", "settings of librdkafka with values in their range", "Look the setting up in librdkafka's CONFIGURATION.md.")]);
        }
    }

    /// <summary>What a question over the client's own connections is answered, the client itself takes note of.</summary>
    public static void Learn(IClient client, string topic, TimeSpan timeout)
    {
        using var questions = new DependentAdminClientBuilder(client.Handle).Build();
        questions.GetMetadata(topic, timeout);
    }

    private Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> own)
    {
        var settings = new Dictionary<string, string>(options.Client, StringComparer.Ordinal);
        foreach (var (name, value) in own)
            settings[name] = value;
        return settings;
    }

    private void Native(LogMessage message)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            Log.Native(logger, message.Name, message.Facility, message.Message);
    }

    private void Report(IClient client, Error error, Action<Error> failed)
    {
        if (error.IsFatal)
        {
            Log.ClientFatal(logger, client.Name, error.Reason, error.Code.ToString());
        }
        else if (!_logged.TryGetValue(error.Code, out var last) || time.GetElapsedTime(last) >= RepeatPause)
        {
            _logged[error.Code] = time.GetTimestamp();
            Log.ClientError(logger, client.Name, error.Reason, error.Code.ToString());
        }

        failed(error);
    }
}
