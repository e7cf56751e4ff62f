using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RocksDbSharp;

namespace RealTimeMesh.RocksDb;

/// <summary>
/// One thread that writes everything that waits as one batch with one sync, then acknowledges it. A thread of its own,
/// because a sync blocks for as long as the disk likes.
/// </summary>
internal sealed class GroupCommitWriter : IDisposable
{
    private const int MostGroupBytes = 16 * 1024 * 1024;

    private readonly Database _database;
    private readonly ByteGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _reload;
    private readonly WriteOptions _options;
    private readonly Queue<PendingPublish> _queue = new();
    private readonly List<PendingPublish> _group = [];
    private readonly List<PartitionTail> _touched = [];
    private readonly Thread _thread;
    private readonly Lock _writing = new();
    private bool _closing;

    /// <param name="reload">Reads the ends of all partitions again, after a reopening.</param>
    public GroupCommitWriter(Database database, ByteGate gate, bool sync, TimeProvider time, ILogger logger, Action reload)
    {
        _database = database;
        _gate = gate;
        _time = time;
        _logger = logger;
        _reload = reload;
        _options = new WriteOptions().SetSync(sync);
        _thread = new Thread(Run) { IsBackground = true, Name = "rocksdb log writer" };
        _thread.Start();
    }

    public void Enqueue(PendingPublish publish)
    {
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            _queue.Enqueue(publish);
            Monitor.Pulse(_queue);
        }
    }

    /// <summary>Runs an action while no group is being written.</summary>
    public void Exclusively(Action action)
    {
        lock (_writing)
            action();
    }

    /// <summary>Writes what waits, then ends.</summary>
    public void Dispose()
    {
        lock (_queue)
        {
            _closing = true;
            Monitor.Pulse(_queue);
        }

        _thread.Join();
    }

    private void Run()
    {
        using var batch = new WriteBatch();
        while (Take())
        {
            Exception? failure = null;
            try
            {
                lock (_writing)
                    WriteGroup(batch);
            }
            catch (Exception e)
            {
                failure = e;
                Log.WriteFailed(_logger, e, _group.Count);
                Forget();
            }

            batch.Clear();
            foreach (var publish in _group)
            {
                _gate.Leave(publish.Bytes);
                publish.Dispose();
                if (failure is null && publish.IsTooLate)
                    publish.SetException(AdminException.NoTopic(publish.Topic.Name));
                else if (failure is null)
                    publish.SetResult();
                else
                    publish.SetException(failure as BrokerException ?? new BrokerException($"publish to '{publish.Topic.Name}': found a failure while writing ({failure.Message}); expected it to be stored; publish again.", failure));
            }

            _group.Clear();
        }
    }

    private bool Take()
    {
        lock (_queue)
        {
            while (_queue.Count == 0)
            {
                if (_closing)
                    return false;
                Monitor.Wait(_queue);
            }

            for (var bytes = 0L; _queue.TryPeek(out var next) && (_group.Count == 0 || bytes + next.Bytes <= MostGroupBytes); bytes += next.Bytes)
                _group.Add(_queue.Dequeue());
            return true;
        }
    }

    private void WriteGroup(WriteBatch batch)
    {
        if (_database.NeedsReopening)
        {
            _database.Reopen();
            _reload();
            Log.Reopened(_logger);
        }

        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var publish in _group)
        {
            publish.IsTooLate = publish.Topic.IsDeleted;
            if (!publish.IsTooLate)
                Add(batch, publish, now);
        }

        _database.Write(batch, _options);
        foreach (var tail in _touched)
        {
            tail.Touched = false;
            tail.Partition.Advance(tail.NextOffset, tail.TotalBytes);
        }

        _touched.Clear();
    }

    private void Add(WriteBatch batch, PendingPublish publish, long now)
    {
        Span<byte> key = stackalloc byte[LogKeys.MessageLength];
        foreach (ref readonly var entry in publish.Entries)
        {
            var tail = publish.Tails[entry.Partition];
            if (!tail.Touched)
            {
                tail.Touched = true;
                // Time never runs backwards within a partition: retention by time searches by bisection.
                tail.LastTimestamp = Math.Max(tail.LastTimestamp, now);
                _touched.Add(tail);
            }

            tail.TotalBytes += entry.Length;
            var record = publish.Record(entry);
            LogRecord.Seal(record, tail.NextOffset, tail.LastTimestamp, tail.TotalBytes);
            LogKeys.Message(key, publish.Topic.Id, entry.Partition, tail.NextOffset);
            batch.Put(key, record);
            tail.NextOffset++;
        }
    }

    /// <summary>Takes back the ends of partitions that a failed group had moved.</summary>
    private void Forget()
    {
        foreach (var tail in _touched)
        {
            tail.Touched = false;
            tail.NextOffset = tail.Partition.High;
            tail.TotalBytes = tail.Partition.Bytes;
        }

        _touched.Clear();
    }
}
