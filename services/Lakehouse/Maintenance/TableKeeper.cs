using System.Globalization;
using Microsoft.Extensions.Logging;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Lakehouse.Requests;

namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>Runs maintenance tasks, one at a time, whoever asks; a fault of one becomes its outcome and stops nothing else.</summary>
internal sealed class TableKeeper(MaintenanceOptions options, MaintenanceJournal journal, DiskSpace disk, LakehouseMetrics metrics, TimeProvider time, ILogger<TableKeeper> log) : IDisposable
{
    /// <summary>Input of one commit: what a conflict can cost.</summary>
    private const long MaxCommitBytes = 1L << 30;

    private static readonly Dictionary<string, long> s_none = [];

    private readonly SemaphoreSlim _gate = new(1, 1);

    public OptimizeRequest OptimizeRequest(OpenTable table) => new()
    {
        TargetFileBytes = table.Snapshot.Configuration.ContainsKey("delta.targetFileSize") ? null : (long)options.Policies[TableClasses.Of(table.Name)].TargetMiB << 20,
        MaxCommitBytes = MaxCommitBytes,
    };

    public Task<MaintenanceRun> CheckpointAsync(OpenTable table, string trigger, CancellationToken cancellationToken) =>
        RunAsync(table, MaintenanceTask.Checkpoint, trigger, async _ => new Dictionary<string, long> { ["version"] = await table.Delta.WriteCheckpointAsync(cancellationToken) ?? -1 }, cancellationToken);

    public Task<MaintenanceRun> CleanLogAsync(OpenTable table, string trigger, CancellationToken cancellationToken) =>
        RunAsync(table, MaintenanceTask.CleanLog, trigger, async _ => await table.Delta.CleanUpLogAsync(cancellationToken) is > 0 and var files ? new Dictionary<string, long> { ["files"] = files } : s_none, cancellationToken);

    public Task<MaintenanceRun> VacuumAsync(OpenTable table, VacuumRequest request, string trigger, CancellationToken cancellationToken) => RunAsync(table, MaintenanceTask.Vacuum, trigger, async progress =>
    {
        var result = await table.Delta.VacuumAsync(request with { Progress = progress }, cancellationToken);
        return result.Files.Count == 0 && result.Folders == 0 ? s_none : new Dictionary<string, long> { ["files"] = result.Files.Count, ["bytes"] = result.Bytes, ["folders"] = result.Folders };
    }, cancellationToken);

    public Task<MaintenanceRun> OptimizeAsync(OpenTable table, OptimizeRequest request, string trigger, CancellationToken cancellationToken) => RunAsync(table, MaintenanceTask.Optimize, trigger, async progress =>
    {
        var needed = (await table.Delta.PreviewOptimizeAsync(request, cancellationToken)).Bytes;
        var free = disk.Free(table.Delta.Path);
        if (free - needed < options.MinFreeMiB << 20)
            throw new DiskShortException(string.Create(CultureInfo.InvariantCulture, $"found {free >> 20} MiB free; expected {options.MinFreeMiB} MiB (MESH_MAINTENANCE_MIN_FREE_MIB) after {(needed >> 20) + 1} MiB are written anew"));
        var result = await table.Delta.OptimizeAsync(request with { Progress = progress }, cancellationToken);
        return result.Version is null ? s_none : new Dictionary<string, long>(result.Metrics) { ["version"] = result.Version.Value };
    }, cancellationToken);

    public void Dispose() => _gate.Dispose();

    private async Task<MaintenanceRun> RunAsync(OpenTable table, MaintenanceTask task, string trigger, Func<IProgress<OperationProgress>, Task<IReadOnlyDictionary<string, long>>> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        var started = time.GetTimestamp();
        var running = new RunningMaintenance(table.Pipeline, table.Name, task, trigger, time.GetUtcNow(), 0, 0);
        journal.Running = running;
        var (outcome, figures, fault) = (MaintenanceOutcome.Done, (IReadOnlyDictionary<string, long>)s_none, (Exception?)null);
        try
        {
            figures = await work(new Watch(journal, running));
            outcome = figures.Count == 0 ? MaintenanceOutcome.Nothing : MaintenanceOutcome.Done;
        }
        catch (Exception exception)
        {
            (outcome, fault) = (OutcomeOf(exception, cancellationToken), exception);
        }
        finally
        {
            journal.Running = null;
            _gate.Release();
        }

        return Record(running, outcome, figures, fault, time.GetElapsedTime(started));
    }

    private MaintenanceRun Record(RunningMaintenance running, MaintenanceOutcome outcome, IReadOnlyDictionary<string, long> figures, Exception? fault, TimeSpan elapsed)
    {
        var name = $"{running.Pipeline}.{running.Table}";
        var before = journal.Last(running.Pipeline, running.Table, running.Task);
        metrics.Maintained(name, running.Task.ToString(), outcome.ToString(), elapsed);
        if (outcome == MaintenanceOutcome.Done)
            log.Maintained(name, running.Task.ToString(), "done", elapsed.TotalSeconds, string.Join(", ", figures.Select(item => $"{item.Key} {item.Value}")));
        // What is refused today will be tomorrow: told once.
        else if (fault is not null && outcome != MaintenanceOutcome.Cancelled && !(outcome == MaintenanceOutcome.Refused && before?.Outcome == outcome))
            log.MaintenanceFailed(name, running.Task.ToString(), outcome.ToString(), fault.Message, outcome == MaintenanceOutcome.Failed ? fault : null);
        return journal.Add(new MaintenanceRun(0, running.Pipeline, running.Table, running.Task, running.Trigger, running.StartedAt, elapsed.TotalSeconds, outcome, figures, fault?.Message));
    }

    private static MaintenanceOutcome OutcomeOf(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => MaintenanceOutcome.Cancelled,
        DuckDbFaultException when cancellationToken.IsCancellationRequested => MaintenanceOutcome.Cancelled,
        DeltaConflictException => MaintenanceOutcome.Conflict,
        DeltaUnsupportedException => MaintenanceOutcome.Refused,
        DiskShortException => MaintenanceOutcome.DiskShort,
        _ => MaintenanceOutcome.Failed,
    };

    private sealed class DiskShortException(string message) : IOException(message);

    private sealed class Watch(MaintenanceJournal journal, RunningMaintenance running) : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value) => journal.Running = running with { Done = value.Done, Total = value.Total };
    }
}
