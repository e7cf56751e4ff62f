using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>Streams and their groups as the broker's contract sees them: one partition, offsets from ids.</summary>
internal sealed class StreamGroups(ConnectionMultiplexer connection, RedisSettings settings)
{
    private const int PendingPage = 1000;

    private readonly IDatabase _database = connection.GetDatabase();

    /// <summary>Makes stream and group where they do not exist.</summary>
    public Task EnsureAsync(string topic, string group, bool fromOldest) => NamedAsync(EnsureAsync(_database, topic, group, fromOldest));

    public static async Task<bool> EnsureAsync(IDatabase database, string topic, string group, bool fromOldest)
    {
        try
        {
            return await database.StreamCreateConsumerGroupAsync(topic, group, fromOldest ? StreamPosition.Beginning : StreamPosition.NewMessages, createStream: true);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic) =>
        await NamedAsync(FindAsync(topic)) is { } stream ? [Watermarks(stream)] : [];

    /// <summary>The first pending message, or what comes after the last delivered one.</summary>
    public async Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group)
    {
        if (await NamedAsync(FindAsync(topic)) is null)
            return new Dictionary<int, long>();
        foreach (var info in await NamedAsync(_database.StreamGroupInfoAsync(topic)))
        {
            if (info.Name != group || (info.PendingMessageCount == 0 && info.LastDeliveredId is null or "0-0"))
                continue;
            var pending = info.PendingMessageCount == 0 ? default : await NamedAsync(_database.StreamPendingAsync(topic, group));
            return new Dictionary<int, long>
            {
                [0] = pending.PendingMessageCount > 0 ? StreamIds.ToOffset(pending.LowestPendingMessageId) : StreamIds.ToOffset(info.LastDeliveredId) + 1,
            };
        }

        return new Dictionary<int, long>();
    }

    public async Task SeekAsync(string topic, string group, int partition, long offset)
    {
        var marks = Watermarks(await StreamAsync(topic, partition));
        if (offset < marks.Low || offset > marks.High)
            throw new BrokerException($"seek of group '{group}' on '{topic}': found offset {offset}; expected {marks.Low} to {marks.High}; choose an offset that the stream holds.");
        await EnsureAsync(topic, group, fromOldest: true);
        await NamedAsync(_database.StreamConsumerGroupSetPositionAsync(topic, group, StreamIds.Before(offset)));
        // What the group was about to handle lies behind it now: only the new position counts.
        while (await NamedAsync(_database.StreamPendingMessagesAsync(topic, group, PendingPage, RedisValue.Null)) is { Length: > 0 } pending)
            await NamedAsync(_database.StreamAcknowledgeAsync(topic, group, [.. pending.Select(p => p.MessageId)]));
    }

    public async Task<IReadOnlyList<StreamEntry>> ReadAsync(string topic, int partition, long offset, int count)
    {
        await StreamAsync(topic, partition);
        return count == 0 ? [] : await NamedAsync(_database.StreamRangeAsync(topic, StreamIds.FromOffset(Math.Max(0, offset)), "+", count));
    }

    public async Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken)
    {
        var topics = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var server in connection.GetServers().Where(s => s is { IsConnected: true, IsReplica: false }))
        {
            RedisValue cursor = "0";
            do
            {
                var reply = await NamedAsync(server.ExecuteAsync(_database.Database, "SCAN", [cursor, "COUNT", PendingPage, "TYPE", "stream"])).WaitAsync(cancellationToken);
                cursor = (RedisValue)reply[0];
                foreach (var key in (string[])reply[1]!)
                    topics.Add(key);
            }
            while (cursor != "0");
        }

        return [.. topics];
    }

    public async Task<T> NamedAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            throw new BrokerException($"redis streams: redisHost '{settings.Hosts}': {e.Message}", e);
        }
    }

    private static PartitionWatermarks Watermarks(StreamInfo stream)
    {
        var next = stream.LastGeneratedId == "0-0" ? 0 : StreamIds.ToOffset(stream.LastGeneratedId) + 1;
        return new PartitionWatermarks(0, stream.Length == 0 ? next : StreamIds.ToOffset(stream.FirstEntry.Id), next);
    }

    private async Task<StreamInfo> StreamAsync(string topic, int partition)
    {
        if (partition != 0)
            throw new BrokerException($"topic '{topic}': found partition {partition}; expected 0; a stream has only this one.");
        return await NamedAsync(FindAsync(topic)) ?? throw new BrokerException($"topic '{topic}': found none of this name; expected one that was published or subscribed to; check the name.");
    }

    private async Task<StreamInfo?> FindAsync(string topic)
    {
        try
        {
            return await _database.StreamInfoAsync(topic);
        }
        catch (RedisServerException e) when (e.Message.Contains("no such key", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
    }
}
