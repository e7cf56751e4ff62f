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
        await foreach (var page in PagesAsync())
        {
            RedisValue[] idle = [.. page.Where(p => p.IdleTimeInMilliseconds >= options.ProcessingTimeout.TotalMilliseconds && !held.Contains(p.MessageId!)).Take(held.Room - claimed.Count).Select(p => p.MessageId)];
            if (idle.Length > 0)
                claimed.AddRange(await ClaimAsync(idle, options.ProcessingTimeout));
            if (claimed.Count >= held.Room)
                break;
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
        await foreach (var page in PagesAsync())
        {
            RedisValue[] lost = [.. page.Where(p => p.IdleTimeInMilliseconds <= since.TotalMilliseconds && !held.Contains(p.MessageId!)).Select(p => p.MessageId)];
            if (lost.Length > 0)
                taken.AddRange(await ClaimAsync(lost, TimeSpan.Zero));
        }

        return taken;
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

    private async IAsyncEnumerable<StreamPendingMessageInfo[]> PagesAsync()
    {
        RedisValue from = "-";
        while (true)
        {
            var page = await database.StreamPendingMessagesAsync(topic, group, Page, RedisValue.Null, from, "+");
            yield return page;
            if (page.Length < Page)
                yield break;
            from = StreamIds.After(page[^1].MessageId);
        }
    }

    private async Task<IReadOnlyList<StreamEntry>> ClaimAsync(RedisValue[] ids, TimeSpan idle)
    {
        var entries = await database.StreamClaimAsync(topic, group, group, (long)idle.TotalMilliseconds, ids);
        var present = entries.Where(e => !e.IsNull && e.Values is not null).ToList();
        if (entries.Length != present.Count)
        {
            // Trimmed away meanwhile (servers before Redis 7 answer with an empty entry): they would stay pending for ever.
            var found = present.Select(e => e.Id).ToHashSet();
            foreach (var id in ids.Where(id => !found.Contains(id)))
            {
                // One that is still there has another holder by now.
                if ((await database.StreamRangeAsync(topic, id, id, 1)).Length == 0)
                    await database.StreamAcknowledgeAsync(topic, group, id);
            }
        }

        return present;
    }
}
