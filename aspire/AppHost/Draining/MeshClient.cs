using System.Net.Http.Json;
using System.Text.Json;

namespace RealTimeMesh.AppHost.Draining;

/// <summary>Asks the running services for their ledgers.</summary>
internal sealed class MeshClient(HttpClient http, Uri ingestion, Uri processor, Uri lakehouse, Uri jobs)
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task<IReadOnlyList<SourceState>> SourcesAsync(CancellationToken cancellationToken) =>
        (await GetAsync<SourceList>(ingestion, "/v1/sources", cancellationToken)).Sources;

    /// <summary>The three parts' counts joined by stream, and the processor's latency.</summary>
    public async Task<(IReadOnlyList<StreamLedger> Streams, DeliveredLatency Latency)> LedgerAsync(CancellationToken cancellationToken)
    {
        var ingested = await GetAsync<IngestionLedger>(ingestion, "/v1/ledger", cancellationToken);
        var processed = await GetAsync<ProcessorLedger>(processor, "/v1/ledger", cancellationToken);
        var stored = await GetAsync<LakeLedger>(lakehouse, "/v1/ledger", cancellationToken);
        var streams =
            from stream in ingested.Streams
            let key = (stream.Pipeline, stream.Stream)
            let view = processed.Streams.FirstOrDefault(other => (other.Pipeline, other.Stream) == key)
            let table = stored.Streams.FirstOrDefault(other => (other.Pipeline, other.Stream) == key)
            select new StreamLedger
            {
                Pipeline = stream.Pipeline,
                Stream = stream.Stream,
                Acked = stream.Acked,
                Applied = view?.Applied ?? 0,
                Late = view?.Late ?? 0,
                DeadLettered = table?.DeadLettered ?? 0,
                Quarantined = Math.Max(view?.Quarantined ?? 0, table?.Quarantined ?? 0),
                Redriven = Math.Max(view?.Redriven ?? 0, table?.Redriven ?? 0),
                AppliedAgain = view?.Redriven ?? 0,
                StoredAgain = table?.Redriven ?? 0,
                NotApplied = view?.Quarantined ?? 0,
                NotStored = table?.Quarantined ?? 0,
                Stored = table?.Rows ?? 0,
                RepeatsDropped = (view?.DuplicatesSkipped ?? 0) + (table?.DuplicatesSkipped ?? 0),
            };
        return ([.. streams], processed.Latency);
    }

    /// <summary>Completes ledgers with the lake's own count of distinct events.</summary>
    public async Task<IReadOnlyList<StreamLedger>> AuditAsync(IReadOnlyList<StreamLedger> ledgers, CancellationToken cancellationToken)
    {
        List<AuditedStream> audited = [];
        foreach (var pipeline in ledgers.Select(ledger => ledger.Pipeline).Distinct())
            audited.AddRange((await PostAsync<AuditReply>(lakehouse, $"/v1/audit?pipeline={Uri.EscapeDataString(pipeline)}", cancellationToken)).Streams);
        return [.. ledgers.Select(ledger => audited.FirstOrDefault(stream => stream.Pipeline == ledger.Pipeline && stream.Stream == ledger.Stream) is { } found
            ? ledger with { Stored = found.Rows, DistinctStored = found.DistinctIds }
            : ledger)];
    }

    /// <summary>Builds silver and gold and loads the warehouse until all is current.</summary>
    public Task<DrainReply> DrainBuildsAsync(string pipeline, CancellationToken cancellationToken) =>
        PostAsync<DrainReply>(jobs, $"/v1/builds/drain?pipeline={Uri.EscapeDataString(pipeline)}", cancellationToken);

    public async Task<IReadOnlyList<LakeTable>> TablesAsync(CancellationToken cancellationToken) =>
        (await GetAsync<LakeTables>(lakehouse, "/v1/tables", cancellationToken)).Tables;

    private async Task<T> GetAsync<T>(Uri service, string path, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync<T>(new Uri(service, path), Format, cancellationToken)
        ?? throw new HttpRequestException($"GET {service}{path}: empty answer");

    private async Task<T> PostAsync<T>(Uri service, string path, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsync(new Uri(service, path), null, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"POST {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        return await response.Content.ReadFromJsonAsync<T>(Format, cancellationToken)
            ?? throw new HttpRequestException($"POST {path}: empty answer");
    }
}
