using System.Text.Json;
using Dapr;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>
/// Remembers which sources a stream ever had: their events stay in its topic and tables when a pipeline no longer declares
/// them, and so must stay in its ledger.
/// </summary>
internal sealed class SourceIndex(IRecordStore store, IngestionOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Adds a stream's sources, durably; returns what those that it has no longer have brought.</summary>
    public async Task<SourceCounts> EnterAsync(string pipeline, string topic, IReadOnlyCollection<string> names, CancellationToken stopping)
    {
        var key = $"ingestion/sources/{topic}";
        for (var delay = options.FirstRetry; ; delay = Backoff.Next(delay, options.LongestRetry))
        {
            try
            {
                var json = await store.ReadAsync(key, stopping);
                var known = json.IsEmpty ? [] : JsonSerializer.Deserialize(json.Span, RecordJson.Default.StringArray) ?? [];
                string[] all = [.. known.Union(names, StringComparer.Ordinal)];
                if (all.Length > known.Length)
                    await store.WriteAsync(key, JsonSerializer.SerializeToUtf8Bytes(all, RecordJson.Default.StringArray), stopping);
                var past = default(SourceCounts);
                foreach (var name in known.Except(names, StringComparer.Ordinal))
                {
                    var record = await store.ReadAsync(SourceStatus.KeyOf(pipeline, name), stopping);
                    if (!record.IsEmpty && JsonSerializer.Deserialize(record.Span, RecordJson.Default.SourceRecord) is { } stored)
                        past = new SourceCounts(past.Accepted + stored.Accepted, past.Rejected + stored.Rejected);
                }

                return past;
            }
            catch (Exception e) when (e is DaprException or RpcException && !stopping.IsCancellationRequested)
            {
                Log.LedgerNotStored(logger, key, e.InnerException?.Message ?? e.Message, delay);
                await Task.Delay(delay, time, stopping);
            }
        }
    }
}

/// <summary>Events that sources brought.</summary>
internal readonly record struct SourceCounts(long Accepted, long Rejected);
