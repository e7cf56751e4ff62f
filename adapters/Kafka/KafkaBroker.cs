using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>A Kafka cluster as a broker: one producer, one administration client, a consumer for each subscription.</summary>
internal sealed class KafkaBroker : IPubSubBroker, IAdministeredBroker
{
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private readonly KafkaOptions _options;
    private readonly TimeProvider _time;
    private readonly ClientFactory _clients;
    private readonly ILogger _logger;
    private readonly IAdminClient _adminClient;
    private readonly KafkaAdmin _admin;
    private readonly TopicCatalogue _topics;
    private readonly KafkaHeaders _headers;
    private readonly AvroValues _avro;
    private readonly KafkaProducer _producer;
    private readonly RawProducer _raw;
    private readonly OpenSubscriptions<KafkaSubscription> _subscriptions = new();
    private volatile string _lastError = "no broker answered";

    public KafkaBroker(KafkaOptions options, TimeProvider time, ClientFactory clients, ILogger logger)
    {
        (_options, _time, _clients, _logger) = (options, time, clients, logger);
        _headers = new KafkaHeaders(options.ExcludedHeaders, options.EscapeHeaders);
        _avro = new AvroValues(options.Registry, time);
        _adminClient = clients.Admin(error => _lastError = error.Reason);
        _admin = new KafkaAdmin(_adminClient, options.MetadataTimeout);
        _topics = new TopicCatalogue(_adminClient, options.MetadataTimeout, options.MetadataRefresh, time) { Grown = LearnAsync };
        _producer = new KafkaProducer(clients, _headers, _avro, time);
        _raw = new RawProducer(clients);
        Administration = new KafkaTopicAdmin(_adminClient, _admin, _topics, new RecordReader(clients, options.MetadataTimeout, time), _raw, options.MetadataTimeout);
    }

    public PubSubCapabilities Capabilities { get; } = new() { Durable = true, Offsets = true, Names = ["BULK_PUBSUB"] };

    public IBrokerAdmin Administration { get; }

    /// <summary>Throws where no broker can be reached: better at the start than with the first message.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        // Consumers get settings of their own: one is built and ended to have them looked at.
        _clients.Build(_clients.Consumer("realtimemesh-check", fromOldest: true, static _ => { }).Build).Dispose();
        try
        {
            await _topics.MetadataAsync(null, cancellationToken);
        }
        catch (BrokerException e)
        {
            throw new BrokerException($"brokers '{_options.Client["bootstrap.servers"]}': found none that answers ({_lastError}); expected one within {_options.MetadataTimeout}; check brokers, authType and the network.", e);
        }
    }

    public async Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_subscriptions.IsClosed, this);
        CheckTopic(topic);
        return messages.Count == 0
            ? PublishResult.Success
            : await _producer.PublishAsync(topic, await _topics.PartitionsAsync(topic, cancellationToken), messages, cancellationToken);
    }

    public async Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken)
    {
        BrokerChecks.Subscription(options);
        CheckTopic(options.Topic);
        var schema = options.Metadata.FirstOrDefault(pair => pair.Key.Equals(MessageSettings.ValueSchemaType, StringComparison.OrdinalIgnoreCase)).Value;
        var decoder = MessageSettings.IsAvro(schema) ? _avro : null;
        var partitions = await _topics.PartitionsAsync(options.Topic, cancellationToken);
        // What is published from here on is the group's, however long joining it takes.
        var ends = _options.FromOldest && options.FromOldest ? null : await _admin.EndsAsync(options.Topic, partitions, cancellationToken);
        var subscription = new KafkaSubscription(
            options,
            handler,
            new SubscriptionServices(_options, _clients, _headers, decoder, _time, _logger, _subscriptions.Aborted),
            ends);
        subscription.Left += () => _subscriptions.Remove(subscription);
        ObjectDisposedException.ThrowIf(!_subscriptions.TryStart(subscription, static started => started.Start()), this);
        return subscription;
    }

    public async Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) =>
        await _topics.FindAsync(topic, cancellationToken) is { } partitions ? await _admin.WatermarksAsync(topic, partitions, cancellationToken) : [];

    public async Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) =>
        await _topics.FindAsync(topic, cancellationToken) is { } partitions
            ? await _admin.CommittedAsync(topic, partitions, group, cancellationToken)
            : new Dictionary<int, long>();

    public async Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken)
    {
        var target = await FindPartitionAsync(topic, partition, cancellationToken);
        if (offset < target.Low || offset > target.High)
            throw new BrokerException($"seek of group '{group}' on '{topic}' partition {partition}: found offset {offset}; expected {target.Low} to {target.High}; choose an offset that the partition holds.");
        await _admin.MoveAsync(topic, group, partition, offset, cancellationToken);
    }

    public async Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var source = await FindPartitionAsync(topic, partition, cancellationToken);
        var reader = new TopicReader(_clients, _headers, _options.MetadataTimeout, _time);
        return await Task.Factory.StartNew(
            () => reader.Read(topic, partition, Math.Max(offset, source.Low), source.High, count, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => _topics.NamesAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (await _subscriptions.TryCloseAsync())
            await Task.Factory.StartNew(End, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Producers choose among the partitions that they know, and look for new ones minutes apart.</summary>
    private async Task LearnAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Factory.StartNew(
                () =>
                {
                    _producer.Learn(topic, _options.MetadataTimeout);
                    _raw.Learn(topic, _options.MetadataTimeout);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).WaitAsync(cancellationToken);
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.Unanswered($"topic '{topic}'", e);
        }
    }

    /// <summary>Blocks while the clients' threads end.</summary>
    private void End()
    {
        _producer.Flush(FlushLimit);
        _producer.Dispose();
        _raw.Dispose();
        _adminClient.Dispose();
        _avro.Dispose();
    }

    private async Task<PartitionWatermarks> FindPartitionAsync(string topic, int partition, CancellationToken cancellationToken)
    {
        if (await _topics.FindAsync(topic, cancellationToken) is not { } partitions)
            throw KafkaErrors.UnknownTopic(topic);
        if (partition < 0 || partition >= partitions)
            throw KafkaErrors.UnknownPartition(topic, partition, partitions);
        return (await _admin.WatermarksAsync(topic, partitions, cancellationToken))[partition];
    }

    private static void CheckTopic(string topic)
    {
        BrokerChecks.Topic(topic);
        if (topic[0] == '^')
            throw new BrokerException($"topic '{topic}': found a name that begins with ^, which Kafka's clients read as a pattern; expected a plain name; rename the topic.");
    }
}
