using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>What a call may hold, and what its tenant may send.</summary>
internal sealed class CallShare(MemoryLease lease, Tenant tenant) : IDisposable
{
    private long _batch;

    public Tenant Tenant => tenant;

    /// <summary>Takes a batch that is about to be stored; one that comes too fast for its tenant waits, as long as the options allow.</summary>
    public async Task TakeAsync(EventBatch batch, IngestionOptions options, TimeProvider time)
    {
        _batch = batch.Footprint;
        lease.Take(_batch);
        for (var patience = options.RoomTimeout; ;)
        {
            var wait = tenant.TryTake(batch.Count, batch.Bytes);
            if (wait == TimeSpan.Zero)
                return;
            if (wait > patience)
                throw CallFaults.NotStored(PublishStatus.Overloaded, $"tenant '{tenant.Name}' sends more than its limit", wait);
            patience -= wait;
            await Task.Delay(wait, time);
        }
    }

    /// <summary>Gives back what the batch took.</summary>
    public void Return()
    {
        lease.Return(_batch);
        _batch = 0;
    }

    public void Dispose() => lease.Dispose();
}
