using System.Text.Json;
using Dapr;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Telemetry;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>
/// Counts what came through the doors of one stream. <see cref="AddAsync"/> returns once the counts are durable; one
/// write at a time covers everyone who waits (group commit), so that an acknowledgement costs a share of a write.
/// </summary>
internal sealed class StreamLedger(string key, IRecordStore store, IngestionOptions options, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _offsets = [];
    private LedgerRecord _current = new();
    private LedgerRecord _durable = new();
    private List<RecordWrite> _records = [];
    private TaskCompletionSource? _next;
    private Task _writer = Task.CompletedTask;
    private bool _writing;

    /// <summary>What is stored.</summary>
    public LedgerRecord Durable => Volatile.Read(ref _durable);

    /// <summary>Reads what an earlier run stored.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var json = await store.ReadAsync(key, cancellationToken);
        var record = json.IsEmpty ? new LedgerRecord() : JsonSerializer.Deserialize(json.Span, RecordJson.Default.LedgerRecord) ?? new LedgerRecord();
        lock (_lock)
        {
            _current = _durable = record;
            foreach (var (partition, offset) in record.Offsets)
                _offsets[partition] = offset;
        }
    }

    /// <summary>Last handled offset of a partition of the open door's topic, or -1.</summary>
    public long LastOffset(int partition)
    {
        lock (_lock)
            return _offsets.GetValueOrDefault(partition, -1);
    }

    /// <summary>
    /// Adds counts, and the position of the open door that they bring it to. A <see cref="TimeoutException"/> means that
    /// the counts are kept and will be stored, but nobody may be told yet.
    /// </summary>
    public Task AddAsync(long accepted, long rejected, long indefinite, int partition = -1, long offset = -1)
    {
        Task stored;
        lock (_lock)
        {
            if (partition >= 0 && offset >= 0)
                _offsets[partition] = offset;
            stored = Add(accepted, rejected, indefinite);
        }

        return stored.WaitAsync(options.LedgerTimeout, time);
    }

    /// <summary>Adds counts and writes a record with them: both are stored or neither. Ends when they are, however long that takes.</summary>
    public Task AddWithAsync(long accepted, long rejected, RecordWrite record)
    {
        lock (_lock)
        {
            _records.Add(record);
            return Add(accepted, rejected, 0);
        }
    }

    /// <summary>Returns when nothing is left to store, or the time is up.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _writer.WaitAsync(cancellationToken);
    }

    private Task Add(long accepted, long rejected, long indefinite)
    {
        _current = _current with { Accepted = _current.Accepted + accepted, Rejected = _current.Rejected + rejected, Indefinite = _current.Indefinite + indefinite };
        _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_writing)
        {
            _writing = true;
            _writer = Task.Run(WriteAllAsync);
        }

        return _next.Task;
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            TaskCompletionSource waiters;
            LedgerRecord record;
            List<RecordWrite> records;
            lock (_lock)
            {
                if (_next is null)
                {
                    _writing = false;
                    return;
                }

                waiters = _next;
                _next = null;
                records = _records;
                _records = [];
                record = _current with { Offsets = new Dictionary<int, long>(_offsets) };
            }

            records.Add(new RecordWrite(key, JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.LedgerRecord)));
            await WriteAsync(records);
            Volatile.Write(ref _durable, record);
            waiters.SetResult();
        }
    }

    /// <summary>Tries until it works: the events are stored already, so their count must not be lost.</summary>
    private async Task WriteAsync(List<RecordWrite> records)
    {
        for (var delay = options.FirstRetry; ; delay = Backoff.Next(delay, options.LongestRetry))
        {
            try
            {
                await store.WriteAsync(records, CancellationToken.None);
                return;
            }
            catch (Exception e) when (e is DaprException or RpcException)
            {
                Log.LedgerNotStored(logger, key, e.InnerException?.Message ?? e.Message, delay);
                await Task.Delay(delay, time);
            }
        }
    }
}
