using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grpc.Core;

namespace RealTimeMesh.Ingestion.Keys;

/// <summary>
/// Sources with an order of their own for requests with a key. One request at a time has a lane, so that its events can be
/// published again under their sequences; consumers drop those that they have. A lane whose request ended without certainty is
/// that request's for ever.
/// <para>
/// Consumers remember each lane for good, so names come again: a run has a slot of the state store's list, and its lanes are
/// numbered within. A slot is free once a run gave it back with all requests settled, or once the keys of a run that ended
/// otherwise have expired; the next owner counts from a higher epoch.
/// </para>
/// </summary>
internal sealed class SourceLanes(IKeyStore store, string run, IngestionOptions options, TimeProvider time) : IDisposable
{
    private const string Key = "ingestion/lanes";

    /// <summary>A lane counts 2^40 events in one run, and a slot 2^23 runs.</summary>
    private const int EpochShift = 40;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _lock = new();
    private readonly PriorityQueue<SourceLane, int> _free = new();
    private readonly Dictionary<string, SourceLane> _held = new(StringComparer.Ordinal);
    private LaneSlot? _slot;
    private int _count;

    /// <summary>A fault of the state store is thrown.</summary>
    public async ValueTask<SourceLane> RentAsync(CancellationToken cancellationToken)
    {
        if (IsStale)
            await UseAsync(cancellationToken);
        lock (_lock)
        {
            if (!_free.TryDequeue(out var lane, out _))
                lane = new SourceLane(_count, string.Create(CultureInfo.InvariantCulture, $"/http/{_slot!.Number}/{_count++}"), _slot.Epoch << EpochShift);
            return _held[lane.Source] = lane;
        }
    }

    /// <summary>Gives a lane back whose events before <paramref name="next"/> are stored; one of another run stays what it is.</summary>
    public void Return(string source, long next)
    {
        lock (_lock)
        {
            if (next >> EpochShift == _slot?.Epoch && _held.Remove(source, out var lane))
                _free.Enqueue(lane with { Next = next }, lane.Number);
        }
    }

    /// <summary>Says that the run is still alive, where that was long ago.</summary>
    public ValueTask TouchAsync(CancellationToken cancellationToken) => IsStale ? new ValueTask(UseAsync(cancellationToken)) : default;

    /// <summary>Gives the slot back where no request's outcome is open. Nothing may be rented any more.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_slot is null || _held.Count > 0)
                return;
        }

        try
        {
            await ChangeAsync(slots => [.. slots.Select(slot => slot.Owner == run ? slot with { Owner = null } : slot)], cancellationToken);
        }
        catch (RpcException)
        {
            // Nothing is lost: the slot is free once its keys have expired.
        }
    }

    public void Dispose() => _gate.Dispose();

    private bool IsStale => Volatile.Read(ref _slot) is not { } slot || time.GetUtcNow() - slot.UsedAt > options.KeyLifetime / 24;

    private async Task UseAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (IsStale)
                Take(await ClaimAsync(cancellationToken));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes a free slot, or says again that the run has its own.</summary>
    private async Task<LaneSlot> ClaimAsync(CancellationToken cancellationToken)
    {
        LaneSlot? mine = null;
        await ChangeAsync(
            slots =>
            {
                var now = time.GetUtcNow();
                var found = slots.FirstOrDefault(slot => slot.Owner == run)
                    ?? slots.Where(slot => slot.Owner is null || slot.UsedAt + (2 * options.KeyLifetime) < now).MinBy(slot => slot.Number);
                mine = found is null
                    ? new LaneSlot { Number = slots.Count, Owner = run, UsedAt = now }
                    : found with { Owner = run, UsedAt = now, Epoch = found.Owner == run ? found.Epoch : found.Epoch + 1 };
                return [.. slots.Where(slot => slot.Number != mine.Number), mine];
            },
            cancellationToken);
        return mine!;
    }

    private void Take(LaneSlot slot)
    {
        lock (_lock)
        {
            if (_slot is { } had && (had.Number, had.Epoch) != (slot.Number, slot.Epoch))
            {
                // Another run has taken this one for dead: what it had is not touched any more.
                _free.Clear();
                _held.Clear();
                _count = 0;
            }

            Volatile.Write(ref _slot, slot);
        }
    }

    private async Task ChangeAsync(Func<IReadOnlyList<LaneSlot>, IReadOnlyList<LaneSlot>> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = await store.ReadAsync(Key, cancellationToken);
            var slots = stored is { } item ? JsonSerializer.Deserialize(item.Json.Span, LaneJson.Default.IReadOnlyListLaneSlot) ?? [] : [];
            var json = JsonSerializer.SerializeToUtf8Bytes(change(slots), LaneJson.Default.IReadOnlyListLaneSlot);
            // Where another run was faster, what it wrote is looked at.
            if (await store.TryWriteAsync(Key, json, stored?.Tag, null, cancellationToken))
                return;
        }
    }
}

/// <param name="Next">Sequence of the next event.</param>
internal sealed record SourceLane(int Number, string Source, long Next);

/// <summary>Lanes that one run at a time has.</summary>
internal sealed record LaneSlot
{
    public required int Number { get; init; }

    /// <summary>How many runs have had it before.</summary>
    public long Epoch { get; init; }

    /// <summary>The run that has it; null where that gave it back.</summary>
    public string? Owner { get; init; }

    /// <summary>When the owner last said so.</summary>
    public DateTimeOffset UsedAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<LaneSlot>))]
internal sealed partial class LaneJson : JsonSerializerContext;
