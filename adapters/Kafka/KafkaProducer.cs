using System.Globalization;
using System.Text;
using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Sends messages. An idempotent producer that met a fatal error takes no more; it is replaced by a new one.</summary>
internal sealed class KafkaProducer : IDisposable
{
    private static readonly byte[] Null = "null"u8.ToArray();

    private readonly ClientFactory _clients;
    private readonly KafkaHeaders _headers;
    private readonly AvroValues _avro;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private IProducer<byte[]?, byte[]?> _producer;
    private bool _broken;
    private uint _turn;

    public KafkaProducer(ClientFactory clients, KafkaHeaders headers, AvroValues avro, TimeProvider time)
    {
        (_clients, _headers, _avro, _time) = (clients, headers, avro, time);
        _producer = Create();
    }

    /// <summary>Publishes messages to a topic of that many partitions.</summary>
    public async Task<PublishResult> PublishAsync(string topic, int partitions, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var batch = new PublishBatch(topic, messages.Count);
        var timestamp = new Timestamp(_time.GetUtcNow().ToUnixTimeMilliseconds(), TimestampType.CreateTime);
        var producer = Current();
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            try
            {
                string? partition = null, schema = null;
                var outgoing = new Message<byte[]?, byte[]?>
                {
                    Key = message.Key is { } key ? Encoding.UTF8.GetBytes(key) : null,
                    Headers = _headers.ToKafka(message.Headers, ref partition, ref schema),
                    Timestamp = timestamp,
                };
                // A JSON null is a tombstone, with a schema and without.
                outgoing.Value = message.Value.Span.SequenceEqual(Null) ? null
                    : MessageSettings.IsAvro(schema) ? await _avro.EncodeAsync(topic, message.Value, cancellationToken)
                    : message.Value.ToArray();
                var target = new TopicPartition(topic, Choose(partition, message.Key, partitions, topic));
                producer.Produce(target, outgoing, batch.Handler(i));
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                var overload = KafkaErrors.Publish(topic, e.Error);
                if (i == 0)
                    throw overload;
                // What comes after it fails too: a later message of the same key must not overtake it.
                for (; i < messages.Count; i++)
                    batch.Fail(i, overload);
            }
            catch (ProduceException<byte[]?, byte[]?> e)
            {
                batch.Fail(i, KafkaErrors.Publish(topic, e.Error));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                batch.Fail(i, e);
            }
        }

        return await batch.Done.WaitAsync(cancellationToken);
    }

    /// <summary>Asks the brokers for a topic's partitions anew. Blocks.</summary>
    public void Learn(string topic, TimeSpan timeout) => ClientFactory.Learn(Current(), topic, timeout);

    public void Flush(TimeSpan limit) => Current().Flush(limit);

    public void Dispose()
    {
        lock (_gate)
            _producer.Dispose();
    }

    private IProducer<byte[]?, byte[]?> Current()
    {
        if (!Volatile.Read(ref _broken))
            return Volatile.Read(ref _producer);
        lock (_gate)
        {
            if (!_broken)
                return _producer;
            var old = _producer;
            _producer = Create();
            _broken = false;
            // Its messages have failed already; ending its threads takes a moment.
            _ = Task.Factory.StartNew(old.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return _producer;
        }
    }

    private IProducer<byte[]?, byte[]?> Create() => _clients.Producer(error =>
    {
        if (error.IsFatal)
            Volatile.Write(ref _broken, true);
    });

    /// <summary>Keys are left to the client's partitioner; without one, partitions take turns.</summary>
    private Partition Choose(string? wanted, string? key, int partitions, string topic)
    {
        if (wanted is not null)
        {
            if (!int.TryParse(wanted, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                throw new BrokerException($"invalid partitionNumber metadata value \"{wanted}\"; expected a whole number");
            if (number < 0)
                throw new BrokerException($"partitionNumber must be non-negative, got {number}");
            return number < partitions ? number : throw new BrokerException($"partition number {number} is out of range, topic '{topic}' has {partitions} partitions");
        }

        return key is not null ? Partition.Any : (int)(Interlocked.Increment(ref _turn) % (uint)partitions);
    }
}
