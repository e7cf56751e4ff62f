using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>
/// Applies events of one partition in one transaction. Those that it gives up are dead letters before the transaction is
/// stored, and counted as quarantined in it.
/// </summary>
internal sealed class PartitionRun(StreamEngine engine, ContractDecoder decoder, GivenUpEvents givenUp, int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events)
{
    private readonly List<int> _rows = [];
    private readonly List<(int Index, DeadLetterReason Reason)> _bad = [];

    /// <summary>What was given up; complete after the commit, in order.</summary>
    public IReadOnlyList<(int Index, DeadLetterReason Reason)> GivenUp => _bad;

    /// <summary>Applies the events.</summary>
    /// <param name="poison">Why the one event of this run is not even to be tried; null to try.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<BatchOutcome> CommitAsync(DeadLetterReason? poison, CancellationToken cancellationToken)
    {
        await using var batch = await engine.BeginAsync(partition, cancellationToken);
        foreach (var index in indexes)
        {
            var item = events[index];
            if (batch.Admit(item.Offset, item.Source.Span, item.Sequence) != Admission.Accept)
                continue;
            if (Redrive.Of(item) is { IsOne: true } redrive)
            {
                if (!redrive.IsFor(givenUp.Consumer))
                {
                    batch.Skip();
                    continue;
                }

                batch.Redrive();
            }

            string? error = null;
            if (poison is null && decoder.TryDecode(item.Payload.Span, batch.Rows, out error))
            {
                batch.AddRow(item.Offset);
                _rows.Add(index);
                continue;
            }

            batch.Quarantine();
            _bad.Add((index, poison ?? Unreadable(item, error)));
        }

        var outcome = await batch.CommitAsync(SendAsync, cancellationToken);
        if (outcome.Commit == BatchCommit.Applied)
            givenUp.Stored();
        return outcome;
    }

    /// <summary>The reason of an event whose handling fails each time.</summary>
    public static DeadLetterReason Failing(Exception exception) =>
        new(DeadLetterClasses.Poison, "exception", null, exception.GetType().Name, "an event that the views can be computed for", $"{exception.GetType().Name}: {exception.Message}");

    private DeadLetterReason Unreadable(in DeliveredEvent item, string? error) =>
        new(DeadLetterClasses.Poison, "unreadable", null, $"{item.Payload.Length} bytes", $"an event of contract {engine.Stream.Contract.Name}", error ?? "unreadable");

    private DeadLetterReason Untimed()
    {
        var field = engine.Stream.Time.Field;
        return new(DeadLetterClasses.Poison, "time", field, "null, or a time out of range", "an event time", $"field '{field}': found null or a time out of range; expected an event time");
    }

    private Task SendAsync(IReadOnlyList<int> untimed, CancellationToken cancellationToken)
    {
        foreach (var row in untimed)
            _bad.Add((_rows[row], Untimed()));
        _bad.Sort((x, y) => x.Index.CompareTo(y.Index));
        givenUp.Clear();
        foreach (var (index, reason) in _bad)
            givenUp.Add(events[index], reason);
        return givenUp.SendAsync(cancellationToken);
    }
}
