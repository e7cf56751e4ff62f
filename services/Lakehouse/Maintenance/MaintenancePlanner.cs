namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>What is known of a table when it is looked at.</summary>
/// <param name="LastCommit">When the newest version was committed.</param>
/// <param name="CommitsSinceCheckpoint">Commits that a reader must replay.</param>
/// <param name="SmallFiles">Files that would be put together.</param>
internal sealed record TableFacts(string Pipeline, string Name, DateTimeOffset LastCommit, long CommitsSinceCheckpoint, int SmallFiles);

/// <summary>Decides what is due on a table.</summary>
internal sealed class MaintenancePlanner(MaintenanceOptions options, MaintenanceJournal journal)
{
    /// <summary>The tasks in the order in which to run them.</summary>
    public IReadOnlyList<MaintenanceTask> Due(TableFacts table, DateTimeOffset now)
    {
        var policy = options.Policies[TableClasses.Of(table.Name)];
        List<MaintenanceTask> due = [];
        if (policy.OptimizeFiles > 0 && table.SmallFiles >= policy.OptimizeFiles && now - table.LastCommit >= policy.Quiet)
            due.Add(MaintenanceTask.Optimize);
        if (policy.CheckpointCommits > 0 && table.CommitsSinceCheckpoint >= policy.CheckpointCommits)
            due.Add(MaintenanceTask.Checkpoint);
        if (IsTime(table, MaintenanceTask.CleanLog, policy.VacuumEvery, now))
            due.Add(MaintenanceTask.CleanLog);
        if (IsTime(table, MaintenanceTask.Vacuum, policy.VacuumEvery, now))
            due.Add(MaintenanceTask.Vacuum);
        return [.. due.Where(task => !Rests(table, task, now))];
    }

    private bool IsTime(TableFacts table, MaintenanceTask task, TimeSpan every, DateTimeOffset now) =>
        every > TimeSpan.Zero && (journal.Last(table.Pipeline, table.Name, task) is not { Outcome: MaintenanceOutcome.Done or MaintenanceOutcome.Nothing } last || now - last.StartedAt >= every);

    /// <summary>A conflict and a full disk may be over soon; what failed otherwise will mostly fail again.</summary>
    private bool Rests(TableFacts table, MaintenanceTask task, DateTimeOffset now) =>
        journal.Last(table.Pipeline, table.Name, task) is { Outcome: MaintenanceOutcome.Failed or MaintenanceOutcome.Refused } last && now - last.StartedAt < options.RestAfterFailure;
}
