using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Ingestion.Warming;
using RealTimeMesh.Rules;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>
/// Makes every stream ready: its counters restored, its contract registered. Tries until the state store and the
/// registry answer; a registry that refuses a contract is said on <c>/healthz</c> and asked again, since its cure lies there.
/// </summary>
internal sealed class StreamStartup(StreamCatalog catalog, SchemaRegistryClient registry, WarmUp warmUp, IngestionOptions options, TimeProvider time, ILogger<StreamStartup> logger) : BackgroundService
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when all streams take events.</summary>
    public Task Ready => _ready.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var warm = warmUp.RunOnceAsync(stoppingToken);
        await Task.WhenAll(catalog.Streams.Select(stream => StartAsync(stream, warm, stoppingToken)));
        _ready.TrySetResult();
    }

    /// <summary>The rules that the registry has with the contract's version, else the pipeline's own.</summary>
    private async Task<RowRuleSet?> RulesAsync(StreamSpec stream, int id, CancellationToken stopping)
    {
        var registered = (await registry.FindSchemaAsync(id, stopping))?.WholeMetadata;
        return RowRuleSet.Compile(stream.Contract, registered is { Rules.Count: > 0 } ? registered : stream.Definition.Metadata);
    }

    private async Task StartAsync(StreamRuntime stream, Task warm, CancellationToken stopping)
    {
        string? said = null;
        for (var delay = options.FirstRetry; ; delay = Backoff.Next(delay, options.LongestRetry))
        {
            try
            {
                await stream.Ledger.RestoreAsync(stopping);
                var id = await registry.RegisterAsync(stream.Spec.Definition.Subject, stream.Spec.Contract.Json, stream.Spec.Definition.Metadata, stopping);
                await warm;
                stream.SetReady(id, await RulesAsync(stream.Spec, id, stopping));
                Log.ContractRegistered(logger, stream.Spec.Topic, id);
                return;
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                var reason = e.InnerException is null ? e.Message : $"{e.Message} ({e.InnerException.Message})";
                stream.SetProblem(reason);
                if (said != reason)
                    Log.StreamNotReady(logger, stream.Spec.Topic, reason, delay);
                said = reason;
                await Task.Delay(delay, time, stopping);
            }
        }
    }
}
