using System.Globalization;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>One delivery: tries its events one after the other and collects what must go elsewhere; <see cref="SettleAsync"/> takes it there, in few calls.</summary>
internal sealed class RetryRun(RetriedTopic topic, RetryTier? tier, RetryParts parts)
{
    private const int MaxRemovalAttempts = 5;

    private readonly Dictionary<string, KeyWaits> _waits = new(StringComparer.Ordinal);
    private readonly List<Moved> _moves = [];
    private readonly List<Letter> _letters = [];
    private readonly HashSet<string> _buried = new(StringComparer.Ordinal);
    private string? _epoch;
    private readonly List<(int Index, string Key, string Id)> _ended = [];

    /// <summary>Asks which keys of the delivery wait.</summary>
    public async Task LearnAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        if (!topic.Options.KeepKeyOrder)
            return;
        List<string> keys = [.. events.Select(item => item.Header("__key"u8)).OfType<string>().Where(key => key.Length > 0).Distinct()];
        if (keys.Count == 0)
            return;
        (_epoch, var waits) = await parts.Waits!.ReadAsync(keys, cancellationToken);
        for (var i = 0; i < keys.Count; i++)
            _waits[keys[i]] = waits[i];
    }

    public async Task<DeliveryStatus> HandleAsync(int index, DeliveredEvent item, RetryTrail trail, CancellationToken cancellationToken)
    {
        var key = item.Header("__key"u8) ?? "";
        var waits = _waits.GetValueOrDefault(key);
        // Events from before the order was kept, or from before the store was lost, are in no list.
        if (tier is not null && trail.Epoch != _epoch)
            waits = null;
        // A dead letter that cannot be stored comes again: nothing of its key may be tried before it is.
        if (waits is not null && _buried.Contains(key))
            return DeliveryStatus.Retry;
        if (waits is not null && Follow(index, item, key, trail, waits) is { } status)
            return status;

        var handled = await TryAsync(item, cancellationToken);
        if (handled.PoisonReason is { } reason)
        {
            End(index, item, key, trail with { Attempts = trail.Attempts + 1 }, waits, reason, "poison");
        }
        else if (handled.TransientError is { } error)
        {
            Fail(index, item, key, trail.Failed(error), waits);
        }
        else if (handled.ForwardTopic is { } target)
        {
            _moves.Add(new Moved(index, target, new RetriedEvent(key, item.Payload, (trail with { DueAt = default }).Headers(item.AllHeaders())), "it is due", false));
        }
        else
        {
            if (waits?.TierOf(trail.Id) is not null)
                Finish(index, key, trail, waits);
            Left("success");
        }

        return DeliveryStatus.Success;
    }

    /// <summary>Stores what was collected: first who waits where, then the events and dead letters, last who waits no longer. Returns the events that must come again.</summary>
    public async Task<IReadOnlyCollection<int>> SettleAsync(CancellationToken cancellationToken)
    {
        var again = new HashSet<int>();
        var changed = _waits.Where(pair => pair.Value.Changed).Select(pair => (pair.Key, pair.Value)).ToList();
        if (changed.Count > 0 && !await parts.Waits!.SaveAsync(changed, cancellationToken))
        {
            again.UnionWith(_moves.Where(move => move.Ordered).Select(move => move.Index));
            parts.Log.KeysChanged(topic.Topic, again.Count);
        }

        foreach (var target in _moves.Where(move => !again.Contains(move.Index)).GroupBy(move => move.Topic, StringComparer.Ordinal))
            await MoveAsync(target.Key, [.. target], again, cancellationToken);
        await BuryAsync(again, cancellationToken);
        await RemoveAsync(again, cancellationToken);
        return again;
    }

    /// <summary>What happens to an event of which others of its key are ahead, or that was seen before; null where it is to be tried.</summary>
    private DeliveryStatus? Follow(int index, in DeliveredEvent item, string key, RetryTrail trail, KeyWaits waits)
    {
        var recorded = waits.TierOf(trail.Id);
        if (tier is not null && recorded is null)
        {
            // A second copy of an event whose first one has ended.
            Left("repeat");
            return DeliveryStatus.Success;
        }

        if (recorded is { } elsewhere && elsewhere != tier?.Index)
            return Move(index, item, key, trail, waits, elsewhere, "it is put there again: it may not have arrived");
        if (waits.TierAhead(trail.Id) is not { } ahead)
            return null;
        if (recorded is null && waits.Count >= topic.Options.MaxWaitingOfKey)
            return DeliveryStatus.Retry;
        return Move(index, item, key, trail, waits, ahead, "an earlier event of its key waits");
    }

    private async Task<Handled> TryAsync(DeliveredEvent item, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(topic.Options.AttemptTimeout, parts.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await topic.Handler(item, linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Handled.Transient($"no end within {topic.Options.AttemptTimeout}");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Handled.Of(exception);
        }
    }

    private void Fail(int index, in DeliveredEvent item, string key, RetryTrail trail, KeyWaits? waits)
    {
        // An event that comes back to the topic itself goes on where it was.
        var next = tier is null ? trail.Attempts - 1 : tier.Index + 1;
        if (next < topic.Tiers.Count)
        {
            Move(index, item, key, trail, waits, next, trail.Errors);
            return;
        }

        var message = string.Create(CultureInfo.InvariantCulture, $"{trail.Attempts + parts.EarlierAttempts} attempts failed: {trail.Errors}");
        End(index, item, key, trail, waits, new DeadLetterReason(DeadLetterClasses.Transient, "attempts", null, null, null, message), "transient");
    }

    private DeliveryStatus Move(int index, in DeliveredEvent item, string key, RetryTrail trail, KeyWaits? waits, int target, string why)
    {
        var to = topic.Tiers[target];
        waits?.Put(trail.Id, target);
        trail = trail with { DueAt = parts.Time.GetUtcNow() + to.Delay, Epoch = waits is null ? null : _epoch };
        _moves.Add(new Moved(index, to.Topic, new RetriedEvent(key, item.Payload, trail.Headers(item.AllHeaders())), why, waits is not null));
        return DeliveryStatus.Success;
    }

    private void End(int index, in DeliveredEvent item, string key, RetryTrail trail, KeyWaits? waits, in DeadLetterReason reason, string outcome)
    {
        trail = trail with { Attempts = trail.Attempts + parts.EarlierAttempts };
        var id = $"{topic.Consumer}/{topic.Topic}/{trail.Id}";
        _letters.Add(new Letter(index, new OutgoingDeadLetter(GivenUp.Record(item, trail, topic.Consumer, reason, parts.Time), id, key.Length > 0 ? key : id)));
        if (waits is not null)
            _buried.Add(key);
        if (waits?.TierOf(trail.Id) is not null)
            Finish(index, key, trail, waits);
        Left(outcome);
    }

    private void Finish(int index, string key, RetryTrail trail, KeyWaits waits)
    {
        waits.Finish(trail.Id);
        _ended.Add((index, key, trail.Id));
    }

    private void Left(string outcome)
    {
        if (tier is not null)
            parts.Metrics.Left(topic.Consumer, tier.Topic, outcome);
    }

    private async Task MoveAsync(string target, List<Moved> moves, HashSet<int> again, CancellationToken cancellationToken)
    {
        try
        {
            await parts.Publisher.PublishAsync(target, [.. moves.Select(move => move.Event)], cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            parts.Log.NotMoved(topic.Topic, moves.Count, target, exception);
            again.UnionWith(moves.Select(move => move.Index));
            return;
        }

        parts.Log.Moved(topic.Topic, moves.Count, target, moves[0].Why);
        var waits = topic.Tiers.Any(other => other.Topic == target);
        foreach (var _ in moves)
        {
            Left("moved");
            if (waits)
                parts.Metrics.Moved(topic.Consumer, target);
        }
    }

    private async Task BuryAsync(HashSet<int> again, CancellationToken cancellationToken)
    {
        if (_letters.Count == 0)
            return;
        try
        {
            await parts.DeadLetters.SendAsync(topic.DeadLetterTopic, [.. _letters.Select(letter => letter.Outgoing)], cancellationToken);
            parts.Log.GivenUp(topic.Topic, _letters.Count, _letters[0].Outgoing.Record.Reason.Message);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            parts.Log.NotMoved(topic.Topic, _letters.Count, topic.DeadLetterTopic, exception);
            again.UnionWith(_letters.Select(letter => letter.Index));
        }
    }

    /// <summary>Takes events whose end is certain out of the lists. Removals of others are in nobody's way.</summary>
    private async Task RemoveAsync(HashSet<int> again, CancellationToken cancellationToken)
    {
        var ended = _ended.Where(item => !again.Contains(item.Index)).ToList();
        if (ended.Count == 0)
            return;
        Exception? fault = null;
        for (var attempt = 0; attempt < MaxRemovalAttempts && fault is null; attempt++)
        {
            try
            {
                List<string> keys = [.. ended.Select(item => item.Key).Distinct()];
                var (_, stored) = await parts.Waits!.ReadAsync(keys, cancellationToken);
                List<(string, KeyWaits)> changed = [];
                for (var i = 0; i < keys.Count; i++)
                {
                    if (stored[i].Remove(ended.Where(item => item.Key == keys[i]).Select(item => item.Id)))
                        changed.Add((keys[i], stored[i]));
                }

                if (changed.Count == 0 || await parts.Waits.SaveAsync(changed, cancellationToken))
                    return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                fault = exception;
            }
        }

        parts.Log.KeysNotStored(topic.Topic, ended.Count, fault);
        again.UnionWith(ended.Select(item => item.Index));
    }

    private sealed record Moved(int Index, string Topic, RetriedEvent Event, string Why, bool Ordered);

    private sealed record Letter(int Index, OutgoingDeadLetter Outgoing);
}
