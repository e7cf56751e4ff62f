using System.Collections.Concurrent;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Jobs;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.DuckDb;

/// <summary>
/// Builds SQL tables with DuckDB: reads the live files of Delta snapshots, merges copy-on-write, commits through
/// the Delta log with the source's version as <c>txn</c>. See <see cref="QueryShape"/> for what is incremental.
/// </summary>
public sealed class DuckDbJobEngine(string lakePath, DuckDbOptions options, TimeProvider time) : IJobEngine, IDisposable
{
    private readonly SemaphoreSlim _gate = new(options.MaxConcurrentBuilds);
    private readonly ConcurrentDictionary<string, DeltaTable> _tables = new(StringComparer.Ordinal);

    public string Name => "duckdb";

    public async Task<JobResult> BuildAsync(PipelineDefinition pipeline, TableDefinition table, CancellationToken cancellationToken)
    {
        if (table.Sql is null)
            throw new DuckDbFaultException($"table {pipeline.Name}.{table.Name}: it has no query; expected a table with 'sql'; appended tables are written by the lakehouse.");
        var driver = DriverOf(pipeline, table);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var started = time.GetTimestamp();
            for (var attempt = 0; attempt < options.MaxCommitAttempts; attempt++)
            {
                if (await TryBuildAsync(pipeline, table, driver, started, cancellationToken) is { } result)
                    return result;
            }

            throw new DuckDbFaultException($"table {pipeline.Name}.{table.Name}: another writer committed first {options.MaxCommitAttempts} times; expected to be its only writer; stop the other one or build again.");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The Delta table of a definition.</summary>
    public DeltaTable TableOf(TableDefinition table) =>
        _tables.GetOrAdd(Path.GetFullPath(Path.Combine(lakePath, table.RelativePath)), path => DeltaTable.At(path, new DeltaTableOptions(), time));

    /// <summary>The table whose new rows drive a build.</summary>
    public static TableDefinition DriverOf(PipelineDefinition pipeline, TableDefinition table)
    {
        var name = table.Changes ?? table.Reads.FirstOrDefault(read => pipeline.Tables.Any(other => other.Name == read));
        return pipeline.Tables.FirstOrDefault(other => other.Name == name)
            ?? throw new DuckDbFaultException($"table {pipeline.Name}.{table.Name}: its query reads {(name is null ? "no table" : $"'{name}', which is not a table")} of the pipeline; expected 'changes' to name one of {string.Join(", ", pipeline.Tables.Select(other => other.Name))}.");
    }

    public void Dispose() => _gate.Dispose();

    private async Task<JobResult?> TryBuildAsync(PipelineDefinition pipeline, TableDefinition table, TableDefinition driver, long started, CancellationToken cancellationToken)
    {
        var targetTable = TableOf(table);
        var target = await targetTable.GetSnapshotAsync(null, cancellationToken);
        var sourceTable = TableOf(driver);
        var source = await sourceTable.GetSnapshotAsync(null, cancellationToken);
        var built = target?.Transactions.GetValueOrDefault(TableBuild.AppIdOf(table), -1) ?? -1;
        if (source is null || !TableBuild.IsBehind(table, target, source.Version))
            return new JobResult(table.Name, source is null ? -1 : built, target?.Version ?? -1, 0, 0, target?.RowCount ?? 0, time.GetElapsedTime(started), Changed: false);

        using var session = DuckDbSession.Open(options);
        if (!await RegisterReadsAsync(session, pipeline, table, driver, cancellationToken))
            return new JobResult(table.Name, built, target?.Version ?? -1, 0, 0, target?.RowCount ?? 0, time.GetElapsedTime(started), Changed: false);

        var build = new TableBuild(session, options, table, driver, new BuildInputs(sourceTable, source, targetTable, target, built));
        if (await build.RunAsync(cancellationToken) is not { } done)
            return null;
        var rows = (await targetTable.GetSnapshotAsync(done.Version, cancellationToken))?.RowCount ?? 0;
        return new JobResult(table.Name, source.Version, done.Version, done.Read, done.Written, rows, time.GetElapsedTime(started), Changed: true);
    }

    /// <summary>Registers everything the query reads but its driver; false where a table does not exist yet.</summary>
    private async Task<bool> RegisterReadsAsync(DuckDbSession session, PipelineDefinition pipeline, TableDefinition table, TableDefinition driver, CancellationToken cancellationToken)
    {
        foreach (var name in table.Reads.Where(name => name != driver.Name))
        {
            if (pipeline.References.FirstOrDefault(reference => reference.Name == name) is { } reference)
            {
                await session.RegisterCsvAsync(name, Path.Combine(pipeline.Directory, reference.File), cancellationToken);
            }
            else if (pipeline.Tables.FirstOrDefault(other => other.Name == name) is { } other)
            {
                var delta = TableOf(other);
                if (await delta.GetSnapshotAsync(null, cancellationToken) is not { } snapshot)
                    return false;
                await session.RegisterSnapshotAsync(name, delta.Path, snapshot, null, cancellationToken);
            }
            else
            {
                throw new DuckDbFaultException($"table {pipeline.Name}.{table.Name}: its query reads '{name}', which is neither a table nor a reference of the pipeline; expected a declared name; declare it in pipeline.yaml or correct the query.");
            }
        }

        return true;
    }
}
