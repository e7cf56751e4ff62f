using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace RealTimeMesh.DuckDb.Sources;

/// <summary>Batches as they come, in the shape that the C interface exports. DuckDB asks for them on a thread of its own and waits.</summary>
internal sealed class BatchStream(Schema schema, IAsyncEnumerator<RecordBatch> batches) : IArrowArrayStream
{
    public Schema Schema => schema;

    public async ValueTask<RecordBatch> ReadNextRecordBatchAsync(CancellationToken cancellationToken = default) =>
        await batches.MoveNextAsync() ? batches.Current : null!;

    public void Dispose() => batches.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
