using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RocksDbSharp;

namespace RealTimeMesh.RocksDb;

/// <summary>Takes the oldest messages away, by age and by size of a partition.</summary>
internal sealed class Retention : IDisposable
{
    private readonly RocksDbLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WriteOptions _unsynced = new();
    private readonly Lock _running = new();
    private readonly ITimer _timer;
    private bool _disposed;

    public Retention(RocksDbLog log, RocksDbLogOptions options, TimeProvider time, ILogger logger)
    {
        _log = log;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => Run(), null, options.RetentionCheckInterval, options.RetentionCheckInterval);
    }

    /// <summary>Waits for a run that is under way.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_running)
            _disposed = true;
    }

    private void Run()
    {
        lock (_running)
        {
            if (_disposed)
                return;
            foreach (var partition in _log.Topics.SelectMany(t => t.Partitions))
            {
                try
                {
                    // Not while its topic is deleted.
                    _log.WhileTopicsStay(() => Trim(partition));
                }
                catch (BrokerException e)
                {
                    Log.RetentionFailed(_logger, e, partition.Topic.Name, partition.Index);
                }
            }
        }
    }

    private void Trim(LogPartition partition)
    {
        var (low, high) = (partition.Low, partition.High);
        if (low == high || partition.Topic.IsDeleted)
            return;
        var keep = low;
        if (_log.RetentionTimeOf(partition.Topic) is var retentionTime && retentionTime > TimeSpan.Zero)
        {
            var oldest = _time.GetUtcNow().ToUnixTimeMilliseconds() - (long)retentionTime.TotalMilliseconds;
            keep = First(partition, low, high, stamp => stamp.Timestamp >= oldest);
        }

        if (_log.RetentionBytesOf(partition.Topic) is > 0 and var retentionBytes && keep < high)
        {
            var total = _log.ReadStamp(partition, high - 1).TotalBytes;
            // A partition keeps its newest message, however large.
            keep = Math.Min(high - 1, First(partition, keep, high, stamp => total - stamp.TotalBytes < retentionBytes));
        }

        if (keep == low)
            return;
        partition.Truncate(keep);
        Delete(partition, low, keep);
        Log.Trimmed(_logger, partition.Topic.Name, partition.Index, low, keep);
    }

    private long First(LogPartition partition, long low, long high, Func<(long Timestamp, long TotalBytes), bool> kept)
    {
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (kept(_log.ReadStamp(partition, middle)))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void Delete(LogPartition partition, long from, long to)
    {
        var (first, end, low) = (new byte[LogKeys.MessageLength], new byte[LogKeys.MessageLength], new byte[8]);
        LogKeys.Message(first, partition.Topic.Id, partition.Index, from);
        LogKeys.Message(end, partition.Topic.Id, partition.Index, to);
        BinaryPrimitives.WriteInt64BigEndian(low, to);
        using var batch = new WriteBatch();
        batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length);
        batch.Put(LogKeys.Low(partition.Topic.Id, partition.Index), low);
        _log.Database.Write(batch, _unsynced);
    }
}
