using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>
/// Tells a record that is delivered again from one of a topic that was deleted and made again, whose offsets begin anew: in the
/// place of the record there is another than the one that was collected, or none. Each life of a partition has offsets of its
/// own in the store (its number times 2^40 more than the broker's), so that positions only grow and no letter has the id of another. Thread-safe.
/// </summary>
internal sealed class TopicLives(IPubSubBroker broker, IDeadLetterStore store, LetterPlaces places, ILogger logger)
{
    private const int Shift = 40;

    private readonly ConcurrentDictionary<(string Topic, int Partition), long> _begun = new();

    /// <summary>The broker's offset of a position in the store.</summary>
    public static long OffsetOf(long position) => position & ((1L << Shift) - 1);

    /// <summary>What is added to the offsets of a delivery.</summary>
    public async ValueTask<long> BaseOfAsync(DeadLetterSource source, DeliveryBatch batch, CancellationToken cancellationToken)
    {
        var position = await store.FindPositionAsync(batch.Topic, batch.Partition, cancellationToken);
        var life = Life(batch.Topic, batch.Partition, position);
        if (batch.Messages[0].Offset + life >= position)
            return life;
        foreach (var message in batch.Messages)
        {
            if (message.Offset + life >= position)
                break;
            if (await IsCollectedAsync(source, batch.Partition, message, life, cancellationToken) is not { } same)
                continue;
            return same ? life : Begin(batch.Topic, batch.Partition, position);
        }

        // None of them is kept any more: what ends below the position is another topic.
        var end = (await broker.GetWatermarksAsync(batch.Topic, cancellationToken)).Where(partition => partition.Partition == batch.Partition).Select(partition => partition.High).SingleOrDefault(long.MaxValue);
        return end + life < position ? Begin(batch.Topic, batch.Partition, position) : life;
    }

    /// <summary>
    /// Puts the group back to the oldest record of those partitions that are not the ones it has a position in: where the broker keeps
    /// the positions of a topic that was deleted, records would be passed over. To be asked before the topic is subscribed to.
    /// </summary>
    public async Task RewindAsync(DeadLetterSource source, string group, CancellationToken cancellationToken)
    {
        foreach (var partition in await broker.GetWatermarksAsync(source.Topic, cancellationToken))
        {
            var position = await store.FindPositionAsync(source.Topic, partition.Partition, cancellationToken);
            if (position == 0)
                continue;
            var life = Life(source.Topic, partition.Partition, position);
            var last = position - 1 - life;
            var another = last >= partition.High;
            if (!another && last >= partition.Low
                && await broker.ReadAsync(source.Topic, partition.Partition, last, 1, cancellationToken) is [var message] && message.Offset == last)
                another = await IsCollectedAsync(source, partition.Partition, message, life, cancellationToken) == false;
            if (!another)
                continue;
            Begin(source.Topic, partition.Partition, position);
            await broker.SeekAsync(source.Topic, group, partition.Partition, partition.Low, cancellationToken);
        }
    }

    private long Life(string topic, int partition, long position) => Math.Max(position - OffsetOf(position), _begun.GetValueOrDefault((topic, partition)));

    private long Begin(string topic, int partition, long position)
    {
        var next = position - OffsetOf(position) + (1L << Shift);
        if (_begun.GetValueOrDefault((topic, partition)) < next)
        {
            _begun[(topic, partition)] = next;
            Log.TopicMadeAgain(logger, topic, partition, OffsetOf(position));
        }

        return next;
    }

    /// <summary>Whether a message is the letter that was collected from its place; null where none is kept of it.</summary>
    private async ValueTask<bool?> IsCollectedAsync(DeadLetterSource source, int partition, DeliveredMessage message, long life, CancellationToken cancellationToken)
    {
        var place = places.Of(source.Topic, partition, message);
        if (await store.FindAsync(place with { Offset = place.Offset + life }, cancellationToken) is not { Content: var kept })
            return null;
        var letter = LetterReader.Read(source, place, message);
        return letter.Original.Span.SequenceEqual(kept.Original.Span)
            && (letter.EventId, letter.Fingerprint, letter.RedriveOf) == (kept.EventId, kept.Fingerprint, kept.RedriveOf)
            && letter.FailedAt.ToUnixTimeMilliseconds() == kept.FailedAt.ToUnixTimeMilliseconds();
    }
}
