using System.Runtime.CompilerServices;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>Shows stored records, decoded, as they are found. Bounded in records, time and size of what is shown.</summary>
internal sealed class MessageBrowser(IBrokerAdmin admin, SchemaRegistryClient? registry, TimeProvider time)
{
    private const int MostShown = 10_000;
    private static readonly TimeSpan ProgressPause = TimeSpan.FromSeconds(1);

    /// <summary>Checks the query and finds its ranges; what is wrong with it is told before the first line.</summary>
    public async Task<IAsyncEnumerable<BrowseLine>> BrowseAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        if (query.Limit is < 1 or > MostShown)
            throw Refuse.Invalid("limit", $"{query.Limit}", $"1 to {MostShown}");
        if (query.MaxScanned < 1)
            throw Refuse.Invalid("maxScanned", $"{query.MaxScanned}", "at least 1");
        var filter = new MessageFilter(query.Contains, query.Where);
        var decoder = new MessageDecoder(registry, query.Decode);
        return LinesAsync(query, await new RangeFinder(admin).FindAsync(query, cancellationToken), filter, decoder, cancellationToken);
    }

    private async IAsyncEnumerable<BrowseLine> LinesAsync(
        MessageQuery query, IReadOnlyList<RecordRange> ranges, MessageFilter filter, MessageDecoder decoder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new MergedReader(admin);
        var (scanned, matched, undecoded) = (0L, 0L, 0L);
        var reason = "end";
        var began = time.GetTimestamp();
        var told = began;
        var total = ranges.Sum(range => Math.Max(0, range.To - range.From));
        (int Partition, long Next)? last = null;
        await foreach (var placed in reader.ReadAsync(ranges, cancellationToken))
        {
            var value = await decoder.DecodeAsync(placed.Record.Value, cancellationToken);
            scanned++;
            last = (placed.Partition, placed.Record.Offset + 1);
            if (value.Fault is not null)
                undecoded++;
            if (filter.Admits(placed, value))
            {
                matched++;
                yield return Show(placed, value, query.MaxValueBytes);
            }
            else if (time.GetElapsedTime(told) >= ProgressPause)
            {
                // Who waits for a rare match sees that the search goes on.
                told = time.GetTimestamp();
                yield return new ProgressLine(scanned, matched, total);
            }

            if (matched >= query.Limit)
                reason = "limit";
            else if (scanned >= query.MaxScanned)
                reason = "scanned";
            else if (time.GetElapsedTime(began) >= query.MaxTime)
                reason = "time";
            else
                continue;
            break;
        }

        if (last is { } read)
            reader.Next[read.Partition] = Math.Max(reader.Next[read.Partition], read.Next);
        var partitions = ranges.Select(range => new BrowsedPartition(range.Partition, range.From, Math.Max(range.From, reader.Next.GetValueOrDefault(range.Partition, range.From)), Math.Max(range.From, range.To))).ToArray();
        var rest = partitions.Sum(partition => partition.To - partition.Next);
        // The last match may have been the last record.
        yield return new EndLine(rest == 0 ? "end" : reason, scanned, matched, undecoded, partitions, [.. Skipped(query, ranges.Count, rest, reason, undecoded)]);
    }

    private static IEnumerable<string> Skipped(MessageQuery query, int partitions, long rest, string reason, long undecoded)
    {
        if (rest > 0)
        {
            var bound = reason switch { "limit" => $"limit of {query.Limit} messages", "scanned" => $"bound of {query.MaxScanned} records looked at", _ => $"bound of {query.MaxTime.TotalSeconds:0.#} s" };
            yield return $"{rest} records after the {bound}: go on from each partition's next offset";
        }

        if (undecoded > 0)
            yield return $"{undecoded} records could not be decoded: field comparisons do not see into them";
        if (partitions > MergedReader.MostAtOnce)
            yield return $"order by time holds within each {MergedReader.MostAtOnce} of the {partitions} partitions";
    }

    private static MessageLine Show(PlacedRecord placed, DecodedValue value, int maxBytes)
    {
        var record = placed.Record;
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in record.Headers)
            headers[Encoding.UTF8.GetString(header.Name)] = MessageDecoder.Label(header.Value);
        var size = record.Value?.Length ?? 0;
        var cut = value.Text.Length > maxBytes;
        return new MessageLine(
            placed.Partition, record.Offset, DateTimeOffset.FromUnixTimeMilliseconds(record.Timestamp), record.Key is { } key ? MessageDecoder.Label(key.Span) : null, headers,
            value.Format, cut ? value.Text[..maxBytes] : value.Value, value.Schema, value.Fault, cut ? size : null);
    }
}
