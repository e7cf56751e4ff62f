using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Tables;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>
/// Appends one topic to one table by group commit: deliveries wait while a commit is written; then all of them together become the
/// next one, with their positions in it, and are answered when it is durable.
/// </summary>
internal sealed class TopicAppender(string stream, string topic, LakeTable table, LakeTable quarantine, IEventRows rows, GivenUpEvents? givenUp, LakehouseOptions options, LakehouseMetrics metrics, TimeProvider time, ILogger log)
{
    private const int MaxAttempts = 5;

    private static readonly Dictionary<string, long> s_none = [];

    private readonly Channel<Pending> _waiting = Channel.CreateBounded<Pending>(new BoundedChannelOptions(options.Waiting) { SingleReader = true });
    private readonly Positions _positions = new(topic);
    private readonly Positions _quarantined = new(topic);
    private readonly List<(int Order, DeliveredEvent Item, Rejection Why)> _rejected = [];
    private readonly List<(int Order, DeliveredEvent Item)> _accepted = [];
    private readonly ColumnBatch _bad = new(QuarantineRows.TableSchema);
    private ColumnBatch _batch = new(rows.Schema);
    private QuarantinedPlaces _places = QuarantinedPlaces.None;
    private Snapshot? _snapshot;
    private Snapshot? _badSnapshot;
    private bool _known;
    private int _lastGroup;
    private int _redriven;
    private long _duplicates;

    /// <summary>Name of the count of events that came once more because they had been dead letters, among the table's <c>txn</c> versions.</summary>
    public string RedrivenKey { get; } = $"lakehouse/{topic}/redriven";

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
            metrics.Failed(table.FullName);
            log.CommitFailed(table.FullName, topic, group.Count, exception);
            foreach (var pending in group)
                pending.Done.TrySetException(new RealTimeMeshException($"topic {topic}: the delivery was not committed to {table.FullName}: {exception.Message}", exception));
        }
    }

    private async Task ApplyAsync(List<Pending> group, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (!_known)
                await LearnAsync(stoppingToken);
            await rows.AdaptAsync(group.Select(pending => pending.Events), _snapshot, stoppingToken);
            var plan = table.Plan(_snapshot, rows.Schema);
            var skipped = Decode(group, plan);
            var accepted = Check(plan);
            Quarantine();
            IReadOnlyCollection<KeyValuePair<string, long>> advanced = [.. _positions.Advanced, .. rows.Counts(_snapshot?.Transactions ?? s_none), .. Redriven()];
            if (advanced.Count == 0 && accepted.Count == 0 && _bad.Count == 0)
            {
                Skipped(skipped);
                return;
            }

            // Dead letters first, then quarantine: should the process die between two of these, the events come again, and the letters with the ids they have.
            await (givenUp?.SendAsync(stoppingToken) ?? Task.CompletedTask);

            // Quarantine before the table: should the process die between the two commits, the events come again and what is there already is skipped.
            var done = _bad.Count == 0 || await quarantine.AppendAsync(_bad, QuarantineRows.TableSchema, quarantine.Plan(_badSnapshot, QuarantineRows.TableSchema), _quarantined.Advanced, stoppingToken);
            done = done && await table.AppendAsync(accepted, rows.Schema, plan, advanced, stoppingToken);
            _known = false;
            if (done)
            {
                givenUp?.Stored();
                Skipped(skipped);
                return;
            }

            if (attempt == MaxAttempts)
                throw new RealTimeMeshException($"table {table.FullName}: other writers advanced the positions of topic '{topic}', or changed the table's columns, {attempt} times; expected one consumer of the topic; stop the other.");
        }
    }

    /// <summary>What is applied already, by the tables.</summary>
    private async Task LearnAsync(CancellationToken stoppingToken)
    {
        _snapshot = await table.Delta.GetSnapshotAsync(null, stoppingToken);
        _badSnapshot = await quarantine.Delta.GetSnapshotAsync(null, stoppingToken);
        _positions.Reset(_snapshot?.Transactions ?? s_none);
        _quarantined.Reset(_badSnapshot?.Transactions ?? s_none);
        _places = await QuarantinedPlaces.ReadAsync(quarantine.Delta, stream, topic, _badSnapshot?.Transactions ?? s_none, _snapshot?.Transactions ?? s_none, stoppingToken);
        _known = true;
    }

    private int Decode(List<Pending> group, TablePlan plan)
    {
        if (ReferenceEquals(_batch.Schema, rows.Schema))
            _batch.Clear();
        else
            _batch = new ColumnBatch(rows.Schema);
        _rejected.Clear();
        _accepted.Clear();
        var (skipped, order) = (0, 0);
        _redriven = 0;
        foreach (var pending in group)
        {
            foreach (var item in pending.Events)
            {
                if (!_positions.Admit(item.Partition, item.Offset, item.Source.Span, item.Sequence))
                {
                    skipped++;
                    continue;
                }

                if (givenUp is not null && Redrive.Of(item) is { IsOne: true } redrive)
                {
                    if (!redrive.IsFor(givenUp.Consumer))
                    {
                        skipped++;
                        continue;
                    }

                    _redriven++;
                }

                // An event that is in quarantine since before a crash stays there, even if the table could take it by now.
                if (_places.Contains(item.Partition, item.Offset))
                    continue;
                order++;
                if (rows.TryAppend(item, _batch, out var why))
                {
                    if (plan.Fit.Accepts(_batch, _batch.Count - 1, out why))
                    {
                        if (plan.Gate != RuleGate.Open)
                            _accepted.Add((order, item));
                        continue;
                    }

                    _batch.Truncate(_batch.Count - 1);
                }

                _rejected.Add((order, item, why!));
            }
        }

        return skipped;
    }

    /// <summary>Counted in the commit that takes their positions, so each once.</summary>
    private IReadOnlyCollection<KeyValuePair<string, long>> Redriven() =>
        _redriven == 0 ? [] : [new(RedrivenKey, (_snapshot?.Transactions ?? s_none).GetValueOrDefault(RedrivenKey) + _redriven)];

    /// <summary>The rows that the table's rules allow, in its types; the others are rejected.</summary>
    private ColumnBatch Check(TablePlan plan)
    {
        var (allowed, broken) = plan.Gate.Sort(plan.Fit.Project(_batch));
        foreach (var (row, why) in broken)
            _rejected.Add((_accepted[row].Order, _accepted[row].Item, why));
        return allowed;
    }

    /// <summary>Makes the rows of the quarantine, in the order of the events.</summary>
    private void Quarantine()
    {
        _bad.Clear();
        givenUp?.Clear();
        foreach (var (_, item, why) in _rejected.OrderBy(item => item.Order))
        {
            // Places tell what was quarantined before; where the broker gives none, sequences do.
            var isNew = _quarantined.Admit(item.Partition, item.Offset, item.Source.Span, item.Sequence);
            if (!isNew && item.Offset < 0)
                continue;
            QuarantineRows.Append(_bad, stream, topic, why, item);
            givenUp?.Add(item, new DeadLetterReason(why.Class, why.Rule, why.Field, why.Found, why.Expected, why.Message));
        }

        if (_bad.Count > 0)
            log.Quarantined(topic, _bad.Count, _rejected.MinBy(item => item.Order).Why.Message);
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
