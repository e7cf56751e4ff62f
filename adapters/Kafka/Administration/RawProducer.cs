using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Sends records as they stand: bytes of keys, tombstones and headers unchanged. Its client is made with the first of them.</summary>
internal sealed class RawProducer(ClientFactory clients) : IDisposable
{
    private static readonly KafkaHeaders Verbatim = new(null, escape: false);

    private readonly Lock _gate = new();
    private IProducer<byte[]?, byte[]?>? _producer;
    private int _turn;

    /// <summary>Returns when all are acknowledged; throws where one is not.</summary>
    public async Task AppendAsync(string topic, int partitions, IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
    {
        var producer = Client();
        var sent = new List<Task>(records.Count);
        try
        {
            foreach (var record in records)
            {
                string? partition = null, schema = null;
                var message = new Message<byte[]?, byte[]?>
                {
                    Key = record.Key is { } key ? key.ToArray() : null,
                    Value = record.Value is { } value ? value.ToArray() : null,
                    Headers = Verbatim.ToKafka(record.Headers, ref partition, ref schema),
                };
                // As Java's client: by the hash of the key.
                var target = record.Key is { } hashed ? Murmur2.Partition(hashed.Span, partitions) : (int)((uint)Interlocked.Increment(ref _turn) % (uint)partitions);
                sent.Add(producer.ProduceAsync(new TopicPartition(topic, target), message, cancellationToken));
            }

            await Task.WhenAll(sent);
        }
        catch (ProduceException<byte[]?, byte[]?> e)
        {
            if (e.Error.IsFatal)
                Replace(producer);
            throw new AdminException(AdminRefusal.Failed, KafkaErrors.Publish(topic, e.Error).Message, e);
        }
    }

    /// <summary>Asks the brokers for a topic's partitions anew. Blocks.</summary>
    public void Learn(string topic, TimeSpan timeout)
    {
        IProducer<byte[]?, byte[]?>? producer;
        lock (_gate)
            producer = _producer;
        if (producer is not null)
            ClientFactory.Learn(producer, topic, timeout);
    }

    public void Dispose()
    {
        lock (_gate)
            _producer?.Dispose();
    }

    private IProducer<byte[]?, byte[]?> Client()
    {
        lock (_gate)
            return _producer ??= clients.Producer(static _ => { });
    }

    private void Replace(IProducer<byte[]?, byte[]?> broken)
    {
        lock (_gate)
        {
            if (_producer == broken)
                _producer = null;
        }

        broken.Dispose();
    }
}
