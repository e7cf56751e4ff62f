using Dapr.Client;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Records in the Dapr state store, each written by one transaction.</summary>
internal sealed class DaprRecordStore(DaprClient dapr, string store) : IRecordStore
{
    public async Task<ReadOnlyMemory<byte>> ReadAsync(string key, CancellationToken cancellationToken) =>
        await dapr.GetByteStateAsync(store, key, cancellationToken: cancellationToken);

    public Task WriteAsync(string key, byte[] json, CancellationToken cancellationToken) =>
        dapr.ExecuteStateTransactionAsync(store, [new StateTransactionRequest(key, json, StateOperationType.Upsert)], cancellationToken: cancellationToken);
}
