using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Requests;
using RealTimeMesh.Lakehouse.Tables;

namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>Looks at every table of the lake from time to time and does what its policy asks for.</summary>
internal sealed class MaintenanceService(LakeCatalog catalog, TableKeeper keeper, MaintenancePlanner planner, MaintenanceOptions options, TimeProvider time, ILogger<MaintenanceService> log) : BackgroundService
{
    private const string Trigger = "policy";

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private long _nextLook;

    /// <summary>When the tables are looked at again; null while maintenance is off.</summary>
    public DateTimeOffset? NextLook => options.IsOn && Interlocked.Read(ref _nextLook) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>One look at all tables.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var (pipeline, name) in catalog.List().ToList())
        {
            try
            {
                await LookAsync(pipeline, name, cancellationToken);
                _told.Remove($"{pipeline}.{name}");
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // A broken table must not keep the others from being maintained.
                if (_told.Add($"{pipeline}.{name}"))
                    log.NotMaintained($"{pipeline}.{name}", exception.Message);
            }
        }
    }

    /// <summary>What the policies look at, and what they make of it now.</summary>
    public async Task<(TableFacts Facts, long SmallBytes, IReadOnlyList<MaintenanceTask> Due)> FactsAsync(OpenTable table, CancellationToken cancellationToken)
    {
        var preview = await table.Delta.PreviewOptimizeAsync(keeper.OptimizeRequest(table), cancellationToken);
        var facts = new TableFacts(
            table.Pipeline, table.Name, DateTimeOffset.FromUnixTimeMilliseconds(table.Snapshot.Timestamp), await table.Delta.CountCommitsSinceCheckpointAsync(cancellationToken) ?? 0, preview.Files);
        return (facts, preview.Bytes, planner.Due(facts, time.GetUtcNow()));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.IsOn)
            return;
        using var timer = new PeriodicTimer(options.Every, time);
        do
            Interlocked.Exchange(ref _nextLook, (time.GetUtcNow() + options.Every).UtcTicks);
        while (await timer.WaitForNextTickAsync(stoppingToken) && await LookedAsync(stoppingToken));
    }

    private async Task<bool> LookedAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        return true;
    }

    private async Task LookAsync(string pipeline, string name, CancellationToken cancellationToken)
    {
        var delta = catalog.Table(pipeline, name);
        if (await delta.GetSnapshotAsync(null, cancellationToken) is not { } snapshot)
            return;
        var table = new OpenTable(pipeline, name, delta, snapshot);
        foreach (var task in (await FactsAsync(table, cancellationToken)).Due)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _ = task switch
            {
                MaintenanceTask.Checkpoint => await keeper.CheckpointAsync(table, Trigger, cancellationToken),
                MaintenanceTask.CleanLog => await keeper.CleanLogAsync(table, Trigger, cancellationToken),
                MaintenanceTask.Optimize => await keeper.OptimizeAsync(table, keeper.OptimizeRequest(table), Trigger, cancellationToken),
                _ => await keeper.VacuumAsync(table, new VacuumRequest(), Trigger, cancellationToken),
            };
        }
    }
}
