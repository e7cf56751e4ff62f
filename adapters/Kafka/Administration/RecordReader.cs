using System.Threading.Channels;
using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Reads stored records without a group, as they stand: nothing is committed, converted or left out.</summary>
internal sealed class RecordReader(ClientFactory clients, TimeSpan timeout, TimeProvider time)
{
    private const int PollMilliseconds = 20;
    private static readonly KafkaHeaders Verbatim = new(null, escape: false);

    /// <summary>Pages of a range that lies within the partition. Throws where the broker is silent for longer than the timeout.</summary>
    public async IAsyncEnumerable<RecordPage> ReadAsync(RecordRange range, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (range.From >= range.To)
            yield break;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The client's calls block: they get a thread, which stays at most two pages ahead.
        var pages = Channel.CreateBounded<RecordPage>(new BoundedChannelOptions(2) { SingleReader = true, SingleWriter = true });
        var reading = Task.Factory.StartNew(() => Read(range, pages.Writer, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (var page in pages.Reader.ReadAllAsync(cancellationToken))
                yield return page;
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    /// <summary>When the first record at or after each position was stored.</summary>
    public Task<IReadOnlyList<long?>> TimestampsAsync(IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken) => positions.Count == 0
        ? Task.FromResult<IReadOnlyList<long?>>([])
        : Task.Factory.StartNew(() => Timestamps(positions, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private IReadOnlyList<long?> Timestamps(IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken)
    {
        var found = new long?[positions.Count];
        // One consumer has one place in a partition: the same partition asked for twice takes another round.
        var waiting = positions.Select((position, index) => (Position: position, Index: index)).ToList();
        var began = time.GetTimestamp();
        using var consumer = Build();
        while (waiting.Count > 0)
        {
            var round = waiting.DistinctBy(asked => (asked.Position.Topic, asked.Position.Partition)).ToDictionary(asked => new TopicPartition(asked.Position.Topic, asked.Position.Partition));
            waiting.RemoveAll(asked => round.ContainsValue(asked));
            consumer.Assign(round.Select(pair => new TopicPartitionOffset(pair.Key, pair.Value.Position.Offset)));
            while (round.Count > 0 && time.GetElapsedTime(began) < timeout)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var result = consumer.Consume(PollMilliseconds);
                if (result is null)
                    continue;
                if (round.Remove(result.TopicPartition, out var asked) && !result.IsPartitionEOF)
                    found[asked.Index] = result.Message.Timestamp.UnixTimestampMs;
                consumer.IncrementalUnassign([result.TopicPartition]);
            }

            consumer.Unassign();
        }

        return found;
    }

    private void Read(RecordRange range, ChannelWriter<RecordPage> pages, CancellationToken stop)
    {
        try
        {
            using var consumer = Build();
            var place = new TopicPartition(range.Topic, range.Partition);
            consumer.Assign(new TopicPartitionOffset(place, range.From));
            var next = range.From;
            var heard = time.GetTimestamp();
            while (next < range.To)
            {
                var records = new List<StoredRecord>();
                for (var bytes = 0; next < range.To && records.Count < range.PageSize && bytes < range.PageBytes;)
                {
                    stop.ThrowIfCancellationRequested();
                    var result = consumer.Consume(PollMilliseconds);
                    if (result is null)
                    {
                        if (records.Count > 0)
                            break;
                        if (time.GetElapsedTime(heard) > timeout)
                            throw new AdminException(AdminRefusal.Failed, $"topic '{range.Topic}' partition {range.Partition}: found no record or end within {timeout}; expected the records from offset {next} on; check that the partition's broker is up.");
                        continue;
                    }

                    heard = time.GetTimestamp();
                    // The end of what is readable: transactions and compaction leave offsets without records there.
                    next = result.IsPartitionEOF ? range.To : result.Offset.Value + 1;
                    if (result.IsPartitionEOF || result.Offset.Value >= range.To)
                        break;
                    records.Add(From(result));
                    bytes += result.Message.Value?.Length ?? 0;
                }

                pages.WriteAsync(new RecordPage(records, Math.Min(next, range.To)), stop).AsTask().GetAwaiter().GetResult();
            }

            consumer.Unassign();
            pages.Complete();
        }
        catch (Exception e)
        {
            pages.Complete(e is KafkaException kafka ? KafkaRefusals.Of($"topic '{range.Topic}' partition {range.Partition}", kafka) : e);
        }
    }

    private IConsumer<byte[]?, byte[]?> Build()
    {
        // The group is only a name here: nothing is committed, no group is joined.
        var builder = clients.Browser("realtimemesh-browse");
        return clients.Build(builder.Build);
    }

    private static StoredRecord From(ConsumeResult<byte[]?, byte[]?> result) => new(
        result.Offset.Value,
        result.Message.Timestamp.UnixTimestampMs,
        Memory(result.Message.Key),
        Memory(result.Message.Value),
        Verbatim.FromKafka(result.Message.Headers));

    /// <summary>Left to itself, the conversion makes an empty key and an empty value of those that are not there.</summary>
    private static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(bytes);
}
