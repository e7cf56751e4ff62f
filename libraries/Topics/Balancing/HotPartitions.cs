using System.Globalization;
using System.Runtime.InteropServices;
using RealTimeMesh.Components;
using RealTimeMesh.Topics.Browsing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>Measures how many records went to each partition in a window that ends now, and which keys they had.</summary>
internal sealed class HotPartitions(IBrokerAdmin admin, TimeProvider time)
{
    /// <summary>A partition is hot at this many times the mean rate of its topic.</summary>
    public const double DefaultFactor = 2;

    private const double LeastRate = 1;
    private const double OneKey = 0.5;
    private const int ShownKeys = 5;
    private const int MostSample = 10_000;

    public async Task<TopicHeat> MeasureAsync(string name, TimeSpan window, double factor, int sample, CancellationToken cancellationToken)
    {
        if (window <= TimeSpan.Zero)
            throw Refuse.Invalid("window", $"{window}", "more than 0 s");
        if (!(factor > 1))
            throw Refuse.Invalid("factor", factor.ToString(CultureInfo.InvariantCulture), "more than 1");
        if (sample is < 0 or > MostSample)
            throw Refuse.Invalid("sample", $"{sample}", $"0 to {MostSample} records of a partition");
        if (await admin.DescribeTopicsAsync([name], cancellationToken) is not [var topic])
            throw AdminException.NoTopic(name);
        var begins = await admin.FindOffsetsAsync(name, time.GetUtcNow() - window, cancellationToken);
        var counts = topic.Partitions.Select(partition => Math.Max(0, partition.High - begins.GetValueOrDefault(partition.Index, partition.High))).ToArray();
        var mean = counts.Sum() / window.TotalSeconds / Math.Max(1, counts.Length);
        var partitions = new List<PartitionHeat>();
        foreach (var (partition, count) in topic.Partitions.Zip(counts))
        {
            var (keys, sampled, bytes) = await SampleAsync(name, partition, count, sample, cancellationToken);
            var rate = count / window.TotalSeconds;
            var hot = counts.Length > 1 && rate >= LeastRate && rate > factor * mean;
            partitions.Add(new PartitionHeat(partition.Index, partition.Leader, rate, sampled == 0 ? 0 : rate * bytes / sampled, counts.Sum() == 0 ? 0 : (double)count / counts.Sum(), hot, sampled, keys, hot ? Finding(keys) : null));
        }

        var rule = string.Create(CultureInfo.InvariantCulture, $"hot: more than {factor:0.##} times the mean of the topic's {counts.Length} partitions ({mean:0.##}/s) over {window.TotalSeconds:0.#} s, and at least {LeastRate:0.##}/s");
        return new TopicHeat(name, window.TotalSeconds, mean * counts.Length, mean == 0 ? 1 : partitions.Max(partition => partition.Rate) / mean, rule, partitions);
    }

    private async Task<(IReadOnlyList<KeyShare> Keys, int Sampled, long Bytes)> SampleAsync(string topic, PartitionDescription partition, long count, int sample, CancellationToken cancellationToken)
    {
        var take = Math.Min(count, sample);
        if (take == 0)
            return ([], 0, 0);
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        var (without, sampled, bytes) = (0, 0, 0L);
        await foreach (var page in admin.ReadAsync(new RecordRange(topic, partition.Index, partition.High - take, partition.High), cancellationToken))
        {
            foreach (var record in page.Records)
            {
                sampled++;
                bytes += (record.Value?.Length ?? 0) + (record.Key?.Length ?? 0) + record.Headers.Block.Length;
                if (record.Key is { } key)
                    CollectionsMarshal.GetValueRefOrAddDefault(keys, MessageDecoder.Label(key.Span), out _)++;
                else
                    without++;
            }
        }

        var shares = keys.Select(pair => new KeyShare(pair.Key, pair.Value, (double)pair.Value / sampled)).Append(new KeyShare(null, without, sampled == 0 ? 0 : (double)without / sampled));
        return ([.. shares.Where(share => share.Records > 0).OrderByDescending(share => share.Records).ThenBy(share => share.Key, StringComparer.Ordinal).Take(ShownKeys)], sampled, bytes);
    }

    private static string Finding(IReadOnlyList<KeyShare> keys) => keys switch
    {
        [{ Key: { } key, Share: >= OneKey } top, ..] => string.Create(CultureInfo.InvariantCulture, $"key '{key}' has {top.Share:P0} of it: all records of a key share a partition, so neither more partitions nor moving it help; split the key, or give it a topic of its own"),
        [{ Key: null, Share: >= OneKey }, ..] => "records without keys: their producer chooses this partition; let it take turns",
        _ => "many keys share it: more partitions spread them (their order holds from then on only), or give the partition a less busy broker or consumer",
    };
}
