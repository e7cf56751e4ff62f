using System.Globalization;
using Dapr.Client;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Records in the Dapr state store, written by transactions.</summary>
internal sealed class DaprRecordStore(DaprClient dapr, string store) : IRecordStore
{
    private static readonly StateOptions OfVersion = new() { Concurrency = ConcurrencyMode.FirstWrite };

    public async Task<ReadOnlyMemory<byte>> ReadAsync(string key, CancellationToken cancellationToken) =>
        await dapr.GetByteStateAsync(store, key, cancellationToken: cancellationToken);

    public async Task WriteAsync(IReadOnlyList<RecordWrite> records, CancellationToken cancellationToken)
    {
        // Asked for again by each attempt: where another was faster, its version is replaced.
        var versions = await Task.WhenAll(records.Select(record => record.IsVersioned ? VersionAsync(record.Key, cancellationToken) : Task.FromResult<string?>(null)));
        await dapr.ExecuteStateTransactionAsync(store, [.. records.Select((record, i) => Request(record, versions[i]))], cancellationToken: cancellationToken);
    }

    private async Task<string?> VersionAsync(string key, CancellationToken cancellationToken) =>
        (await dapr.GetByteStateAndETagAsync(store, key, cancellationToken: cancellationToken)).Item2 is { Length: > 0 } version ? version : null;

    private static StateTransactionRequest Request(RecordWrite record, string? version) =>
        new(record.Key, record.Json, StateOperationType.Upsert, version, Metadata(record.Lifetime), version is null ? null : OfVersion);

    private static Dictionary<string, string>? Metadata(TimeSpan? lifetime) => lifetime is { } time
        ? new() { ["ttlInSeconds"] = Math.Max(1, (long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture) }
        : null;
}
