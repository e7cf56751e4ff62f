using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>
/// The queue between the front door and the log, one for each stream. One publish at a time takes all batches that
/// wait, up to a bound: order is kept, and a busy stream pays one durable write for many requests. The queue is
/// bounded in events and bytes; a batch that finds it full is not taken.
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
    private readonly Channel<Work> _queue = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly Task _loop;
    private int _events;
    private long _bytes;
    private TaskCompletionSource _room = NewSignal();

    public StreamPublisher(StreamSpec stream, EventSink sink, StreamLedger ledger, IngestionOptions options, IngestionMetrics metrics, TimeProvider time, ILogger logger)
    {
        _stream = stream;
        _sink = sink;
        _ledger = ledger;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// Queues a sealed batch. Null where the queue is full. The task ends once the batch is stored and counted, or is
    /// certain not to be; the batch may be reused then. A batch always fits an empty queue.
    /// </summary>
    public Task<PublishOutcome>? TryPublish(EventBatch batch)
    {
        lock (_lock)
        {
            if (_events > 0 && (_events + batch.Count > _options.QueueEvents || _bytes + batch.Bytes > _options.QueueBytes))
                return null;
            var work = new Work(batch);
            // A closed queue belongs to a service that is stopping: nothing is taken any more.
            if (!_queue.Writer.TryWrite(work))
                return null;
            _events += batch.Count;
            _bytes += batch.Bytes;
            return work.Done.Task;
        }
    }

    /// <summary>As <see cref="TryPublish"/>, but waits for room as long as the options allow.</summary>
    public async Task<Task<PublishOutcome>?> PublishAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var deadline = _time.GetTimestamp();
        while (true)
        {
            Task room;
            lock (_lock)
                room = _room.Task;
            if (TryPublish(batch) is { } done)
                return done;
            var left = _options.RoomTimeout - _time.GetElapsedTime(deadline);
            if (left <= TimeSpan.Zero || _stopping.IsCancellationRequested)
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
        _queue.Writer.TryComplete();
        await _loop.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        List<Work> group = [];
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            int events = 0, bytes = 0;
            while (events < _options.PublishEvents && bytes < _options.PublishBytes && _queue.Reader.TryRead(out var work))
            {
                group.Add(work);
                events += work.Batch.Count;
                bytes += work.Batch.Bytes;
            }

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

            Release(events, bytes);
        }
    }

    private async Task PublishGroupAsync(List<Work> group)
    {
        var events = Concat(group, batch => batch.Events);
        var deadLetters = Concat(group, batch => batch.DeadLetters);
        var origin = group[0].Batch.Origin;
        var received = group[0].Batch.ReceivedAt;
        var stored = events.Count == 0
            ? Task.FromResult(PublishAttempt.Stored(0))
            : _sink.PublishAsync(_stream.Topic, new EventEnvelope(origin.Source, _stream.Topic, received, ContentTypes.Avro, null), events, _stopping.Token);
        var dead = deadLetters.Count == 0
            ? Task.FromResult(PublishAttempt.Stored(0))
            : _sink.PublishAsync(_stream.Definition.DeadLetterTopic, new EventEnvelope(origin.Source, _stream.Definition.DeadLetterTopic, received, ContentTypes.Json, null), deadLetters, _stopping.Token);
        Complete(group, await stored, await dead);
    }

    private static IReadOnlyList<OutgoingEvent> Concat(List<Work> group, Func<EventBatch, IReadOnlyList<OutgoingEvent>> list)
    {
        if (group.Count == 1)
            return list(group[0].Batch);
        List<OutgoingEvent> all = [];
        foreach (var work in group)
            all.AddRange(list(work.Batch));
        return all;
    }

    private void Complete(List<Work> group, PublishAttempt stored, PublishAttempt dead)
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
    private async Task CountAsync(Work work, PublishOutcome outcome)
    {
        try
        {
            var indefinite = outcome.Status == PublishStatus.Unknown ? outcome.NotStored.Count : 0;
            if (outcome.Accepted + outcome.Rejected + indefinite > 0)
                await _ledger.AddAsync(outcome.Accepted, outcome.Rejected, indefinite);
            _metrics.Stored(_stream.Topic, outcome.Accepted, outcome.Rejected);
            work.Done.TrySetResult(outcome);
        }
        catch (Exception e)
        {
            work.Done.TrySetException(e);
        }
    }

    private void Release(int events, int bytes)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            _events -= events;
            _bytes -= bytes;
            signal = _room;
            _room = NewSignal();
        }

        signal.SetResult();
    }

    private sealed record Work(EventBatch Batch)
    {
        public TaskCompletionSource<PublishOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
