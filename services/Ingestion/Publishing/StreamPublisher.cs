using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>
/// The queue between the front door and the log, one for each stream. One publish at a time takes the batches that wait,
/// up to a bound: order is kept, and a busy stream pays one durable write for many requests. The queue is bounded in
/// events and bytes and shared fairly between tenants; a batch that finds no room is not taken.
/// </summary>
internal sealed class StreamPublisher : IAsyncDisposable
{
    private readonly StreamSpec _stream;
    private readonly EventSink _sink;
    private readonly StreamLedger _ledger;
    private readonly IngestionOptions _options;
    private readonly IngestionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FairQueue _queue;
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private volatile bool _closed;

    public StreamPublisher(StreamSpec stream, EventSink sink, StreamLedger ledger, IngestionOptions options, IngestionMetrics metrics, TimeProvider time, ILogger logger)
    {
        _stream = stream;
        _sink = sink;
        _ledger = ledger;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _queue = new FairQueue(options.QueueEvents, options.QueueBytes);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// Queues a sealed batch. Null where there is no room for its tenant. The task ends once the batch is stored and counted,
    /// or is certain not to be; the batch may be reused then. A batch always fits an empty queue.
    /// </summary>
    /// <param name="batch">What to publish.</param>
    /// <param name="tenant">Whose share of the queue it takes.</param>
    /// <param name="counted">False where the caller counts its events in the ledger by itself.</param>
    public Task<PublishOutcome>? TryPublish(EventBatch batch, Tenant tenant, bool counted = true)
    {
        var work = new PublishWork(batch, tenant, counted);
        if (!_queue.TryAdd(work))
            return null;
        // Where the queue was closed in between, its loop empties it once more.
        _added.Writer.TryWrite(true);
        return work.Done.Task;
    }

    /// <summary>As <see cref="TryPublish"/>, but waits for room as long as the options allow.</summary>
    public async Task<Task<PublishOutcome>?> PublishAsync(EventBatch batch, Tenant tenant, bool counted, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            var room = _queue.Room;
            if (TryPublish(batch, tenant, counted) is { } done)
                return done;
            var left = _options.RoomTimeout - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || _closed)
                return null;
            try
            {
                await room.WaitAsync(left, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }
    }

    /// <summary>Takes no more and publishes what waits.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Close();
        await _loop.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private void Close()
    {
        // A service that is stopping takes nothing any more.
        _closed = true;
        _queue.Close();
        _added.Writer.TryComplete();
    }

    private async Task RunAsync()
    {
        List<PublishWork> group = [];
        while (await _added.Reader.WaitToReadAsync())
        {
            _added.Reader.TryRead(out _);
            while (TakeGroup(group))
                await PublishAsync(group);
        }

        // What was added while the queue was being closed.
        while (TakeGroup(group))
            await PublishAsync(group);
    }

    private bool TakeGroup(List<PublishWork> group)
    {
        group.Clear();
        int events = 0, bytes = 0;
        while (events < _options.PublishEvents && bytes < _options.PublishBytes && _queue.TryTake(out var work))
        {
            group.Add(work);
            events += work.Batch.Count;
            bytes += work.Batch.Bytes;
        }

        return group.Count > 0;
    }

    private async Task PublishAsync(List<PublishWork> group)
    {
        // A batch whose outcome is told is its owner's again.
        List<(Tenant, int, int)> held = [.. group.Select(work => (work.Tenant, work.Batch.Count, work.Batch.Bytes))];
        try
        {
            await PublishGroupAsync(group);
        }
        catch (Exception e)
        {
            // The loop must live: the requests of this group learn that their outcome is unknown.
            Log.PublisherFaulted(_logger, e, _stream.Topic);
            foreach (var work in group)
                work.Done.TrySetException(e);
        }

        _queue.Release(held);
    }

    private async Task PublishGroupAsync(List<PublishWork> group)
    {
        var events = PublishGroups.Concat(group, batch => batch.Events, out var envelope);
        var deadLetters = PublishGroups.Concat(group, batch => batch.DeadLetters, out _);
        var stored = events.Count == 0
            ? Task.FromResult(PublishAttempt.Stored(0))
            : _sink.PublishAsync(_stream.Topic, envelope with { Type = _stream.Topic, ContentType = ContentTypes.Avro }, events, _stopping.Token);
        var deadLetterTopic = _stream.Definition.DeadLetterTopic;
        var dead = deadLetters.Count == 0
            ? Task.FromResult(PublishAttempt.Stored(0))
            : _sink.PublishAsync(deadLetterTopic, envelope with { Type = deadLetterTopic, ContentType = ContentTypes.Json }, deadLetters, _stopping.Token);
        Complete(group, await stored, await dead);
    }

    private void Complete(List<PublishWork> group, PublishAttempt stored, PublishAttempt dead)
    {
        int firstEvent = 0, firstDead = 0;
        foreach (var work in group)
        {
            var batch = work.Batch;
            List<long> notStored = [];
            var status = PublishStatus.Stored;
            string? error = null;
            var lostEvents = Take(stored, firstEvent, batch.Events.Count, index => notStored.Add(batch.PositionOf(index)), ref status, ref error);
            var lostDead = Take(dead, firstDead, batch.DeadLetters.Count, index => notStored.Add(batch.Rejected[index].Position), ref status, ref error);
            firstEvent += batch.Events.Count;
            firstDead += batch.DeadLetters.Count;
            notStored.Sort();
            var outcome = new PublishOutcome(status, batch.Events.Count - lostEvents, batch.DeadLetters.Count - lostDead, notStored, error);
            if (error is not null)
                Log.PublishFailed(_logger, _stream.Topic, error, notStored.Count);
            _ = CountAsync(work, outcome);
        }
    }

    /// <summary>Gives one batch, whose events begin at <paramref name="first"/>, its share of what was not stored.</summary>
    private static int Take(PublishAttempt attempt, int first, int count, Action<int> failed, ref PublishStatus status, ref string? error)
    {
        var kept = Math.Clamp(attempt.StoredCount - first, 0, count);
        for (var index = kept; index < count; index++)
            failed(index);
        var lost = count - kept;
        if (lost > 0)
        {
            status = attempt.Status > status ? attempt.Status : status;
            error ??= attempt.Error;
        }

        return lost;
    }

    /// <summary>Makes the counts durable, then lets the request answer. Runs beside the next publish.</summary>
    private async Task CountAsync(PublishWork work, PublishOutcome outcome)
    {
        try
        {
            var indefinite = outcome.Status == PublishStatus.Unknown ? outcome.NotStored.Count : 0;
            if (work.Counted && outcome.Accepted + outcome.Rejected + indefinite > 0)
                await _ledger.AddAsync(outcome.Accepted, outcome.Rejected, indefinite);
            _metrics.Stored(_stream.Topic, work.Batch, outcome.Accepted, outcome.Rejected);
            work.Done.TrySetResult(outcome);
        }
        catch (Exception e)
        {
            work.Done.TrySetException(e);
        }
    }
}
