using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>A batch on its way to the log.</summary>
/// <param name="Counted">Its counts go to the ledger as soon as it is stored; else its request counts all of its batches at the end.</param>
internal sealed record PublishWork(EventBatch Batch, Tenant Tenant, bool Counted)
{
    public TaskCompletionSource<PublishOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
