using Grpc.Core;
using RealTimeMesh.Ingestion.FrontDoor;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Keys;

/// <summary>A request with an idempotency key that is being carried out. Ends by exactly one of its three ends.</summary>
internal sealed class KeyedRequest : IDisposable
{
    private readonly IdempotencyKeys _keys;
    private readonly IKeyStore _store;
    private readonly SourceLanes _lanes;
    private readonly StreamLedger _ledger;
    private readonly string _name;
    private readonly KeyRecord _record;
    private readonly SourceLane? _lane;
    private readonly IngestionOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewal;

    public KeyedRequest(IdempotencyKeys keys, IKeyStore store, SourceLanes lanes, StreamLedger ledger, string name, string id, KeyRecord record, SourceLane? lane, IngestionOptions options, TimeProvider time)
    {
        _keys = keys;
        _store = store;
        _lanes = lanes;
        _ledger = ledger;
        _name = name;
        _record = record;
        _lane = lane;
        _options = options;
        _time = time;
        Origin = new EventOrigin(record.Source, HttpOrigin.Instance.DeadLetterKey, $"{id}-", Sequenced: true) { First = record.FirstSequence };
        _renewal = RenewAsync();
    }

    /// <summary>How the body began when it came before; null where that is not known, or it never did.</summary>
    public BodyHead? Head => _record.Head;

    /// <summary>Tells how the body begins, once that is known.</summary>
    public Func<BodyHead?>? Beginning { get; set; }

    /// <summary>Its events' ids come of the key and their place.</summary>
    public EventOrigin Origin { get; }

    /// <summary>All events are stored: counts them and keeps the answer, both or neither. Throws <see cref="TimeoutException"/> where that takes too long; it is done later then.</summary>
    public async Task AnswerAsync(RequestTally tally, int status, string answer, string fingerprint)
    {
        await StopRenewalAsync();
        _lanes.Return(_record.Source, _record.FirstSequence + tally.Accepted + tally.Rejected);
        await StoreAsync(tally, _record with { Status = status, Answer = answer, Fingerprint = fingerprint, Accepted = tally.Accepted, Rejected = tally.Rejected });
    }

    /// <summary>Some events may be stored: counts those that are known to be, and lets the request come again.</summary>
    public async Task LeaveOpenAsync(RequestTally tally, BodyHead head)
    {
        await StopRenewalAsync();
        await StoreAsync(tally, Renewed() with { LeaseUntil = default, Head = Longer(head), Accepted = Math.Max(_record.Accepted, tally.Accepted), Rejected = Math.Max(_record.Rejected, tally.Rejected) });
    }

    /// <summary>Nothing was published: the key is free.</summary>
    public async Task ForgetAsync()
    {
        await StopRenewalAsync();
        try
        {
            // A record of an earlier attempt says which sequences that one has used.
            if (_lane is null)
                await ReplaceAsync(_record with { LeaseUntil = default });
            else
                await _store.DeleteAsync(_name, CancellationToken.None);
            if (_lane is not null)
                _lanes.Return(_lane.Source, _lane.Next);
        }
        catch (RpcException)
        {
            // The record stays, and with it its lane: the next attempt goes on from there.
        }

        _keys.End(_name);
    }

    public void Dispose() => _ended.Dispose();

    /// <summary>How long a record without an answer is kept.</summary>
    public static TimeSpan LifetimeOf(KeyRecord record, DateTimeOffset now, IngestionOptions options) =>
        record.Until - now is var left && left > 2 * options.KeyLease ? left : 2 * options.KeyLease;

    /// <summary>Who runs in a lane of a living run has it longer; a lane of a run that has ended is not kept from others by who comes again.</summary>
    private KeyRecord Renewed() => _lane is null ? _record : _record with { Until = _time.GetUtcNow() + _options.KeyLifetime };

    private async Task StoreAsync(RequestTally tally, KeyRecord record)
    {
        var stored = _ledger.AddWithAsync(record.Accepted - _record.Accepted, record.Rejected - _record.Rejected, new RecordWrite(_name, IdempotencyKeys.Json(record), record.Status > 0 ? _options.KeyLifetime : LifetimeOf(record, _time.GetUtcNow(), _options), IsVersioned: true));
        // Until then the key is in use, else its events could be counted twice.
        _ = stored.ContinueWith(_ => _keys.End(_name), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await stored.WaitAsync(_options.LedgerTimeout, _time);
    }

    /// <summary>Says again and again that the request is in hand.</summary>
    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_options.KeyLease / 3, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
                await TryRenewAsync();
        }
        catch (OperationCanceledException)
        {
            // The request has ended.
        }
    }

    private async Task TryRenewAsync()
    {
        try
        {
            if (_lane is not null)
                await _lanes.TouchAsync(CancellationToken.None);
            var record = Renewed() with { Head = Longer(Beginning?.Invoke()), LeaseUntil = _time.GetUtcNow() + _options.KeyLease };
            await ReplaceAsync(record).WaitAsync(_options.LedgerTimeout, _time);
        }
        catch (Exception e) when (e is RpcException or TimeoutException)
        {
            // The lease may run out; then the request may be carried out twice at once, under the same sequences.
        }
    }

    /// <summary>Writes the record in place of the one that is there, where that is this run's and open still: a write that hangs must not come after what ends the request.</summary>
    private async Task ReplaceAsync(KeyRecord record)
    {
        var stored = await _store.ReadAsync(_name, CancellationToken.None);
        if (stored is { } item && IdempotencyKeys.Read(item) is { } found && (found.Status > 0 || found.Owner != _record.Owner))
            return;
        _ = await _store.TryWriteAsync(_name, IdempotencyKeys.Json(record), stored?.Tag, LifetimeOf(record, _time.GetUtcNow(), _options), CancellationToken.None);
    }

    private BodyHead? Longer(BodyHead? head) => head is null || head.Bytes <= (_record.Head?.Bytes ?? 0) ? _record.Head : head;

    private async Task StopRenewalAsync()
    {
        await _ended.CancelAsync();
        await _renewal;
    }
}
