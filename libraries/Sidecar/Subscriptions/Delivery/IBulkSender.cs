using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>A way to hand many events to the app in one request.</summary>
internal interface IBulkSender
{
    /// <summary>
    /// One attempt. <see cref="Verdict.Success"/>: the app answered, <paramref name="statuses"/> holds what it said of each place of
    /// the batch. <see cref="Verdict.Ignore"/>: the app cannot take such events, all are gone. <see cref="Verdict.Retry"/>: all failed.
    /// </summary>
    Task<DeliveryOutcome> SendAsync(BulkRequest request, Memory<EntryStatus> statuses, CancellationToken cancellationToken);
}

/// <summary>Entries of a batch on their way to the app.</summary>
/// <param name="Selection">Places in the batch, in order; null for all.</param>
/// <param name="Path">Of the rule that matched, as written.</param>
/// <param name="Ids">Ids of the batch's entries.</param>
/// <param name="TraceParent">Trace context of the delivery as a whole, or null.</param>
internal sealed record BulkRequest(
    DeliveryBatch Batch,
    IReadOnlyList<int>? Selection,
    SubscriptionDefinition Definition,
    PubSubComponent Component,
    string Path,
    BulkEntryIds Ids,
    string? TraceParent)
{
    public int Count => Selection?.Count ?? Batch.Messages.Count;

    /// <summary>Place in the batch of the i-th entry.</summary>
    public int Place(int i) => Selection?[i] ?? i;
}
