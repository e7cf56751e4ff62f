using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Lakehouse.Tables;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>
/// Appends one topic to one table by group commit: deliveries wait while a commit is written; then all of them together become the
/// next one, with their positions in it, and are answered when it is durable.
/// </summary>
internal sealed class TopicAppender(string stream, string topic, LakeTable table, LakeTable quarantine, IEventRows rows, LakehouseOptions options, LakehouseMetrics metrics, TimeProvider time, ILogger log)
{
    private const int MaxAttempts = 5;

    private readonly Channel<Pending> _waiting = Channel.CreateBounded<Pending>(new BoundedChannelOptions(options.Waiting) { SingleReader = true });
    private readonly Positions _positions = new(topic);
    private readonly Positions _quarantined = new(topic);
    private readonly ColumnBatch _batch = new(rows.Schema);
    private readonly ColumnBatch _bad = new(QuarantineRows.TableSchema);
    private TableFit? _fit;
    private TableFit? _badFit;
    private bool _known;
    private int _lastGroup;
    private long _duplicates;

    public string Stream => stream;

    public string Topic => topic;

    public LakeTable Table => table;

    /// <summary>Why nothing can be committed at present; null while commits succeed.</summary>
    public string? Fault { get; private set; }

    /// <summary>Events skipped because they were applied before, since this process started.</summary>
    public long DuplicatesSkipped => Interlocked.Read(ref _duplicates);

    /// <summary>Handles a delivery: returns when its events are committed, throws where they are not.</summary>
    public async Task<IReadOnlyList<DeliveryStatus>> HandleAsync(BulkDelivery delivery, CancellationToken cancellationToken)
    {
        await rows.PrepareAsync(delivery.Events, cancellationToken);
        var pending = new Pending(delivery.Events);
        await _waiting.Writer.WriteAsync(pending, cancellationToken);
        // Not cancellable from here: the buffers belong to the group until it is done with them.
        await pending.Done.Task;
        return new DeliveryStatus[delivery.Events.Count];
    }

    /// <summary>Makes groups until stopped.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var group = new List<Pending>();
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                group.Clear();
                await GatherAsync(group, stoppingToken);
                await CommitGroupAsync(group, stoppingToken);
            }
        }
        finally
        {
            _waiting.Writer.TryComplete();
            var stopped = new OperationCanceledException("the service is stopping; the delivery was not committed");
            foreach (var pending in group)
                pending.Done.TrySetException(stopped);
            while (_waiting.Reader.TryRead(out var pending))
                pending.Done.TrySetException(stopped);
        }
    }

    /// <summary>
    /// Takes the waiting deliveries and lingers for more. The sidecar keeps one delivery of each partition in flight, so under load
    /// there is nothing to wait for once as many have come as last time.
    /// </summary>
    private async Task GatherAsync(List<Pending> group, CancellationToken stoppingToken)
    {
        var count = 0;
        var bytes = 0L;
        var most = (long)options.CommitMiB << 20;
        using var linger = new CancellationTokenSource(options.Linger, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, linger.Token);
        while (true)
        {
            while (count < options.CommitRows && bytes < most && _waiting.Reader.TryRead(out var pending))
            {
                group.Add(pending);
                count += pending.Events.Count;
                bytes += pending.Bytes;
            }

            if (count >= options.CommitRows || bytes >= most || (group.Count >= _lastGroup && count >= options.BatchCount / 2) || linger.IsCancellationRequested)
                break;
            try
            {
                if (!await _waiting.Reader.WaitToReadAsync(linked.Token))
                    break;
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                break;
            }
        }

        _lastGroup = group.Count;
    }

    private async Task CommitGroupAsync(List<Pending> group, CancellationToken stoppingToken)
    {
        try
        {
            await ApplyAsync(group, stoppingToken);
            Fault = null;
            foreach (var pending in group)
                pending.Done.TrySetResult();
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // What was admitted is not committed: decide anew from the table.
            _known = false;
            Fault = exception.Message;
            metrics.Failed($"{table.Pipeline}.{table.Name}");
            log.CommitFailed($"{table.Pipeline}.{table.Name}", topic, group.Count, exception);
            foreach (var pending in group)
                pending.Done.TrySetException(new RealTimeMeshException($"topic {topic}: the delivery was not committed to {table.Pipeline}.{table.Name}: {exception.Message}", exception));
        }
    }

    private async Task ApplyAsync(List<Pending> group, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (!_known)
            {
                (var positions, _fit) = await table.GetStateAsync(stoppingToken);
                _positions.Reset(positions);
                (positions, _badFit) = await quarantine.GetStateAsync(stoppingToken);
                _quarantined.Reset(positions);
                _known = true;
            }

            var skipped = Decode(group);
            var advanced = _positions.Advanced;
            if (advanced.Count == 0 && _batch.Count == 0 && _bad.Count == 0)
            {
                Skipped(skipped);
                return;
            }

            // Quarantine first: should the process die between the two commits, the events come again and its own positions skip them there.
            var done = _bad.Count == 0 || await quarantine.AppendAsync(_bad, _badFit!, _quarantined.Advanced, stoppingToken);
            done = done && await table.AppendAsync(_batch, _fit!, advanced, stoppingToken);
            _known = false;
            if (done)
            {
                Skipped(skipped);
                return;
            }

            if (attempt == MaxAttempts)
                throw new RealTimeMeshException($"table {table.Pipeline}.{table.Name}: another writer advanced the positions of topic '{topic}' {attempt} times; expected one consumer of the topic; stop the other.");
        }
    }

    private int Decode(List<Pending> group)
    {
        _batch.Clear();
        _bad.Clear();
        var skipped = 0;
        string? first = null;
        foreach (var pending in group)
        {
            foreach (var item in pending.Events)
            {
                if (!_positions.Admit(item.Partition, item.Offset, item.Source.Span, item.Sequence))
                {
                    skipped++;
                    continue;
                }

                if (rows.TryAppend(item, _batch, out var error))
                {
                    if (_fit!.Accepts(_batch, _batch.Count - 1, out error))
                        continue;
                    _batch.Truncate(_batch.Count - 1);
                }

                first ??= error;
                if (_quarantined.Admit(item.Partition, item.Offset, item.Source.Span, item.Sequence))
                    QuarantineRows.Append(_bad, stream, topic, error ?? "unreadable", item);
            }
        }

        if (_bad.Count > 0)
            log.Quarantined(topic, _bad.Count, first ?? "unreadable");
        return skipped;
    }

    private void Skipped(int count)
    {
        if (count == 0)
            return;
        Interlocked.Add(ref _duplicates, count);
        metrics.Skipped(topic, count);
    }

    private sealed class Pending(IReadOnlyList<DeliveredEvent> events)
    {
        public IReadOnlyList<DeliveredEvent> Events { get; } = events;

        public long Bytes { get; } = events.Sum(item => (long)item.Payload.Length);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
