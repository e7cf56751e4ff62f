using System.Diagnostics.Metrics;

namespace RealTimeMesh.Lakehouse;

/// <summary>Counters of this service.</summary>
internal sealed class LakehouseMetrics : IDisposable
{
    private readonly Meter _meter = new("RealTimeMesh.Lakehouse");
    private readonly Counter<long> _rows;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _noticeFailures;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _maintenance;
    private readonly Histogram<double> _maintenanceDuration;

    public LakehouseMetrics()
    {
        _rows = _meter.CreateCounter<long>("mesh_lakehouse_rows", description: "Rows committed.");
        _commits = _meter.CreateCounter<long>("mesh_lakehouse_commits", description: "Delta commits.");
        _failures = _meter.CreateCounter<long>("mesh_lakehouse_commit_failures", description: "Group commits that failed and are delivered again.");
        _duplicates = _meter.CreateCounter<long>("mesh_lakehouse_duplicates_skipped", description: "Events that were applied before.");
        _noticeFailures = _meter.CreateCounter<long>("mesh_lakehouse_notice_failures", description: "Commits that could not be announced.");
        _duration = _meter.CreateHistogram<double>("mesh_lakehouse_commit_duration", "s", "Time of a group commit, from its first decoded event to the durable commit file.");
        _maintenance = _meter.CreateCounter<long>("mesh_lakehouse_maintenance_runs", description: "Maintenance tasks of tables, by outcome.");
        _maintenanceDuration = _meter.CreateHistogram<double>("mesh_lakehouse_maintenance_duration", "s", "Time of a maintenance task on a table.");
    }

    public void Maintained(string table, string task, string outcome, TimeSpan elapsed)
    {
        _maintenance.Add(1, new("table", table), new("task", task), new("outcome", outcome));
        _maintenanceDuration.Record(elapsed.TotalSeconds, new("table", table), new("task", task));
    }

    public void Committed(string table, long rows, TimeSpan elapsed)
    {
        var tag = new KeyValuePair<string, object?>("table", table);
        _rows.Add(rows, tag);
        _commits.Add(1, tag);
        _duration.Record(elapsed.TotalSeconds, tag);
    }

    public void Failed(string table) => _failures.Add(1, new KeyValuePair<string, object?>("table", table));

    public void Skipped(string topic, long count) => _duplicates.Add(count, new KeyValuePair<string, object?>("topic", topic));

    public void NoticeFailed() => _noticeFailures.Add(1);

    public void Dispose() => _meter.Dispose();
}
