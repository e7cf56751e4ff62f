using System.Diagnostics.Metrics;

namespace RealTimeMesh.SparkJobs;

/// <summary>Counts and durations of builds and loads.</summary>
internal sealed class JobMetrics : IDisposable
{
    private readonly Meter _meter = new("RealTimeMesh.SparkJobs");
    private readonly Counter<long> _runs;
    private readonly Counter<long> _rows;
    private readonly Histogram<double> _seconds;

    public JobMetrics()
    {
        _runs = _meter.CreateCounter<long>("mesh_job_runs", description: "Builds and loads that changed something or failed.");
        _rows = _meter.CreateCounter<long>("mesh_job_rows_written", description: "Rows inserted or updated by builds and loads.");
        _seconds = _meter.CreateHistogram<double>("mesh_job_duration", "s", "Duration of builds and loads.");
    }

    /// <param name="kind"><c>build</c> or <c>load</c>.</param>
    public void Ran(string kind, string pipeline, string table, bool failed, long rows, double milliseconds)
    {
        KeyValuePair<string, object?>[] tags = [new("kind", kind), new("pipeline", pipeline), new("table", table), new("outcome", failed ? "failed" : "done")];
        _runs.Add(1, tags);
        _rows.Add(rows, tags);
        _seconds.Record(milliseconds / 1000, tags);
    }

    public void Dispose() => _meter.Dispose();
}
