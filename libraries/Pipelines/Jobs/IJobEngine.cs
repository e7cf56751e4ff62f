namespace RealTimeMesh.Pipelines;

/// <summary>Runs table builds: sources, SQL, sink. One implementation per engine (DuckDB, Spark).</summary>
public interface IJobEngine
{
    /// <summary>Such as <c>duckdb</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Brings a SQL table up to the newest version of the table that drives it. Idempotent: a version that is
    /// already built is not built again (Delta <c>txn</c>, in the same commit as the rows).
    /// </summary>
    Task<JobResult> BuildAsync(PipelineDefinition pipeline, TableDefinition table, CancellationToken cancellationToken);
}

/// <summary>What a build did.</summary>
/// <param name="SourceVersion">Version of the driving table that is now built in; -1 where it does not exist yet.</param>
/// <param name="Version">Version of the built table; -1 where it does not exist yet.</param>
/// <param name="RowsRead">Rows of the driving table that were new.</param>
/// <param name="RowsWritten">Rows inserted or updated.</param>
/// <param name="Rows">Rows of the table after the build.</param>
/// <param name="Changed">False where there was nothing to do.</param>
public sealed record JobResult(string Table, long SourceVersion, long Version, long RowsRead, long RowsWritten, long Rows, TimeSpan Elapsed, bool Changed);
