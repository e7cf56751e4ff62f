using RealTimeMesh.Components;
using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.Topics.Replays;

/// <summary>
/// Carries one replay out from where it stands: batches in the order of the old topic's partitions, each written and acknowledged
/// before the next, then noted. One writer and one batch at a time keep the order of every key.
/// </summary>
internal sealed class Replayer(IBrokerAdmin admin, MessageDecoder decoder, TimeProvider time, Action<Replay> save)
{
    private const int MostRecords = 500;
    private const int MostBytes = 4 * 1024 * 1024;

    public async Task<Replay> RunAsync(Replay replay, CancellationToken cancellationToken)
    {
        var written = await WrittenAsync(replay, cancellationToken);
        var filter = new MessageFilter(replay.Request.Contains, replay.Request.Where);
        var reader = new MergedReader(admin);
        var batch = new List<StoredRecord>();
        var (bytes, began, paced) = (0, time.GetTimestamp(), 0L);
        var most = Math.Clamp(replay.Request.Rate ?? MostRecords, 1, MostRecords);
        await foreach (var placed in reader.ReadAsync([.. replay.Partitions.Select(partition => new RecordRange(replay.Request.From, partition.Partition, partition.Next, partition.To))], cancellationToken))
        {
            if (batch.Count >= most || bytes >= MostBytes)
            {
                // Asking the reader for a record tells it that those before were used: its positions end before this one.
                replay = await FlushAsync(replay, batch, reader.Next, cancellationToken);
                paced += batch.Count;
                bytes = 0;
                batch.Clear();
                await PaceAsync(replay.Request.Rate, paced, began, cancellationToken);
            }

            replay = replay with { Read = replay.Read + 1 };
            if (written.Remove((placed.Partition, placed.Record.Offset)))
            {
                replay = replay with { Written = replay.Written + 1 };
                continue;
            }

            if (!filter.IsEmpty)
            {
                var value = await decoder.DecodeAsync(placed.Record.Value, cancellationToken);
                if (!filter.Admits(placed, value))
                {
                    replay = replay with { Filtered = replay.Filtered + 1, Undecoded = replay.Undecoded + (value.Fault is null ? 0 : 1) };
                    continue;
                }
            }

            batch.Add(Copy(replay, placed));
            bytes += placed.Record.Value?.Length ?? 0;
        }

        replay = await FlushAsync(replay, batch, reader.Next, cancellationToken);
        return replay with { State = "done" };
    }

    /// <summary>What was written after the last note, when the process ended between a write and its note.</summary>
    private async Task<HashSet<(int, long)>> WrittenAsync(Replay replay, CancellationToken cancellationToken)
    {
        var found = new HashSet<(int, long)>();
        if (await admin.DescribeTopicsAsync([replay.Request.To], cancellationToken) is not [var target])
            return found;
        foreach (var partition in target.Partitions)
        {
            var range = new RecordRange(target.Name, partition.Index, replay.TargetEnds.GetValueOrDefault(partition.Index), partition.High);
            await foreach (var page in admin.ReadAsync(range, cancellationToken))
            {
                foreach (var record in page.Records)
                {
                    if (OriginHeader.Find(record.Headers, replay.Id) is { } origin)
                        found.Add(origin);
                }
            }
        }

        return found;
    }

    private async Task<Replay> FlushAsync(Replay replay, List<StoredRecord> batch, Dictionary<int, long> next, CancellationToken cancellationToken)
    {
        // Not cancelled half way: what is under way is written and noted, then the replay stops.
        cancellationToken.ThrowIfCancellationRequested();
        await admin.AppendAsync(replay.Request.To, batch, CancellationToken.None);
        var ends = await admin.DescribeTopicsAsync([replay.Request.To], CancellationToken.None) is [var target]
            ? target.Partitions.ToDictionary(partition => partition.Index, partition => partition.High)
            : replay.TargetEnds;
        replay = replay with
        {
            Partitions = [.. replay.Partitions.Select(partition => partition with { Next = Math.Max(partition.Next, next.GetValueOrDefault(partition.Partition)) })],
            Written = replay.Written + batch.Count,
            Updated = time.GetUtcNow(),
            TargetEnds = ends,
        };
        save(replay);
        return replay;
    }

    private async Task PaceAsync(int? rate, long records, long began, CancellationToken cancellationToken)
    {
        if (rate is not { } most)
            return;
        var due = TimeSpan.FromSeconds((double)records / most) - time.GetElapsedTime(began);
        if (due > TimeSpan.Zero)
            await Task.Delay(due, time, cancellationToken);
    }

    /// <summary>The reader's memory is used again for its next page.</summary>
    private static StoredRecord Copy(Replay replay, PlacedRecord placed) => placed.Record with
    {
        Key = placed.Record.Key is { } key ? key.ToArray() : (ReadOnlyMemory<byte>?)null,
        Value = placed.Record.Value is { } value ? value.ToArray() : (ReadOnlyMemory<byte>?)null,
        Headers = OriginHeader.Add(placed.Record.Headers, replay.Id, replay.Request.From, placed.Partition, placed.Record.Offset),
    };
}
