using System.Globalization;
using Dapr.Client;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Records in the Dapr state store, written by transactions.</summary>
internal sealed class DaprRecordStore(DaprClient dapr, string store) : IRecordStore
{
    public async Task<ReadOnlyMemory<byte>> ReadAsync(string key, CancellationToken cancellationToken) =>
        await dapr.GetByteStateAsync(store, key, cancellationToken: cancellationToken);

    public Task WriteAsync(IReadOnlyList<RecordWrite> records, CancellationToken cancellationToken) =>
        dapr.ExecuteStateTransactionAsync(store, [.. records.Select(Request)], cancellationToken: cancellationToken);

    private static StateTransactionRequest Request(RecordWrite record) => new(record.Key, record.Json, StateOperationType.Upsert, metadata: Metadata(record.Lifetime));

    private static Dictionary<string, string>? Metadata(TimeSpan? lifetime) => lifetime is { } time
        ? new() { ["ttlInSeconds"] = Math.Max(1, (long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture) }
        : null;
}
