using System.Globalization;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>
/// The group's list of delivered messages that nobody acknowledged. As daprd's component, all members use the group's
/// name as their consumer's: who holds a message is told only by how long it has been idle.
/// </summary>
internal sealed class PendingMessages(IDatabase database, string topic, string group, RedisStreamsOptions options)
{
    private const int Page = 500;

    /// <summary>Takes over at most that many messages which have been idle for the processing timeout and are not held here.</summary>
    public async Task<IReadOnlyList<StreamEntry>> ClaimAsync(HeldMessages held)
    {
        var claimed = new List<StreamEntry>();
        RedisValue from = "-";
        for (var room = held.Room; room > 0; room = held.Room - claimed.Count)
        {
            var page = await database.StreamPendingMessagesAsync(topic, group, Page, RedisValue.Null, from, "+");
            RedisValue[] idle = [.. page.Where(p => p.IdleTimeInMilliseconds >= options.ProcessingTimeout.TotalMilliseconds && !held.Contains(p.MessageId!)).Take(room).Select(p => p.MessageId)];
            if (idle.Length > 0)
                claimed.AddRange(await ClaimAsync(idle));
            if (page.Length < Page)
                break;
            from = StreamIds.After(page[^1].MessageId);
        }

        return claimed;
    }

    /// <summary>
    /// Takes back messages that the server delivered in the last <paramref name="since"/> and that are not held here: the answer that
    /// had them was lost with its connection. Another member that was given some at the same time may get them twice.
    /// </summary>
    public async Task<IReadOnlyList<StreamEntry>> TakeBackAsync(HeldMessages held, TimeSpan since)
    {
        var taken = new List<StreamEntry>();
        RedisValue from = "-";
        while (true)
        {
            var page = await database.StreamPendingMessagesAsync(topic, group, Page, RedisValue.Null, from, "+");
            RedisValue[] lost = [.. page.Where(p => p.IdleTimeInMilliseconds <= since.TotalMilliseconds && !held.Contains(p.MessageId!)).Select(p => p.MessageId)];
            if (lost.Length > 0)
                taken.AddRange((await database.StreamClaimAsync(topic, group, group, 0, lost)).Where(e => !e.IsNull && e.Values is not null));
            if (page.Length < Page)
                return taken;
            from = StreamIds.After(page[^1].MessageId);
        }
    }

    /// <summary>Tells the group that these are still in hands.</summary>
    public async Task KeepAsync(IReadOnlyList<string> ids)
    {
        foreach (var some in ids.Chunk(Page))
            await database.StreamClaimIdsOnlyAsync(topic, group, group, 0, [.. some.Select(id => (RedisValue)id)]);
    }

    /// <summary>Lets others take these over at once.</summary>
    public async Task GiveBackAsync(IReadOnlyList<string> ids)
    {
        var idle = ((long)options.ProcessingTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        foreach (var some in ids.Chunk(Page))
            await database.ExecuteAsync("XCLAIM", [(RedisKey)topic, group, group, "0", .. some, "IDLE", idle, "JUSTID"]);
    }

    private async Task<IEnumerable<StreamEntry>> ClaimAsync(RedisValue[] ids)
    {
        var entries = await database.StreamClaimAsync(topic, group, group, (long)options.ProcessingTimeout.TotalMilliseconds, ids);
        var present = entries.Where(e => !e.IsNull && e.Values is not null).ToList();
        if (entries.Length != present.Count)
        {
            // Trimmed away meanwhile (servers before Redis 7 answer with an empty entry): they would stay pending for ever.
            var found = present.Select(e => e.Id).ToHashSet();
            await database.StreamAcknowledgeAsync(topic, group, [.. ids.Where(id => !found.Contains(id))]);
        }

        return present;
    }
}
