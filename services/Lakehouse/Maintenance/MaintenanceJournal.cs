namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>What was run, newest last, bounded; and the last run of each task on each table. Thread-safe.</summary>
internal sealed class MaintenanceJournal
{
    private const int MaxRuns = 1_000;

    private readonly Queue<MaintenanceRun> _runs = new();
    private readonly Dictionary<(string, string, MaintenanceTask), MaintenanceRun> _last = [];
    private long _number;
    private RunningMaintenance? _running;

    /// <summary>What runs now, or null.</summary>
    public RunningMaintenance? Running
    {
        get => Volatile.Read(ref _running);
        set => Volatile.Write(ref _running, value);
    }

    public MaintenanceRun Add(MaintenanceRun run)
    {
        lock (_runs)
        {
            run = run with { Number = ++_number };
            _runs.Enqueue(run);
            if (_runs.Count > MaxRuns)
                _runs.Dequeue();
            _last[(run.Pipeline, run.Table, run.Task)] = run;
            return run;
        }
    }

    public MaintenanceRun? Last(string pipeline, string table, MaintenanceTask task)
    {
        lock (_runs)
            return _last.GetValueOrDefault((pipeline, table, task));
    }

    /// <summary>Runs before a number, newest first; with or without those that found nothing to do.</summary>
    public IReadOnlyList<MaintenanceRun> Runs(string? pipeline, string? table, long before, bool idle, int limit)
    {
        lock (_runs)
            return [.. _runs.Reverse().Where(run => run.Number < before && (idle || run.Outcome != MaintenanceOutcome.Nothing) && (pipeline is null || run.Pipeline == pipeline) && (table is null || run.Table == table)).Take(limit)];
    }
}
