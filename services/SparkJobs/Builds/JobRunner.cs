using RealTimeMesh.Contracts;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Snowflake;

namespace RealTimeMesh.SparkJobs.Builds;

/// <summary>Builds tables in order and loads the warehouse; one pass at a time.</summary>
internal sealed class JobRunner(
    IReadOnlyList<PipelineDefinition> pipelines, DuckDbJobEngine engine, WarehouseLoader loader, StageExport export,
    SparkJobsOptions options, BuildBoard board, JobMetrics metrics, TimeProvider time, ILogger<JobRunner> log) : IDisposable
{
    /// <summary>Passes of a drain before it gives up on sources that never rest.</summary>
    private const int MaxPasses = 50;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, (int Failures, DateTimeOffset Retry)> _backoff = new(StringComparer.Ordinal);

    public IReadOnlyList<PipelineDefinition> Pipelines => pipelines;

    /// <summary>Builds and loads until nothing changes any more; tables that wait after a failure are tried as well.</summary>
    public async Task<DrainReport> DrainAsync(string? pipeline, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var selected = pipelines.Where(candidate => pipeline is null || candidate.Name == pipeline).ToList();
            foreach (var definition in selected)
            {
                for (var pass = 0; pass < MaxPasses && await BuildPassAsync(definition, evenWaiting: pass == 0, cancellationToken); pass++)
                {
                }

                await LoadPassAsync(definition, evenWaiting: true, cancellationToken);
            }

            return Report(pipeline);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>One pass over a pipeline: what is behind is built, then loaded; what failed waits its time.</summary>
    public async Task RunAsync(PipelineDefinition pipeline, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await BuildPassAsync(pipeline, evenWaiting: false, cancellationToken);
            await LoadPassAsync(pipeline, evenWaiting: false, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Builds one table now.</summary>
    public async Task<BuildRecord> BuildAsync(PipelineDefinition pipeline, TableDefinition table, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await BuildOneAsync(pipeline, table, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public DrainReport Report(string? pipeline)
    {
        var tables = board.Tables(pipeline);
        var loads = board.Loads(pipeline);
        return new DrainReport(tables, loads,
            [
                .. tables.Where(table => table.Error is not null).Select(table => new BuildError(table.Pipeline, table.Table, table.Error!)),
                .. loads.Where(load => load.Error is not null).Select(load => new BuildError(load.Pipeline, load.Table, load.Error!)),
            ]);
    }

    public void Dispose() => _turn.Dispose();

    private async Task<bool> BuildPassAsync(PipelineDefinition pipeline, bool evenWaiting, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var table in BuildOrder.Of(pipeline))
        {
            if (evenWaiting || MayTry($"build/{pipeline.Name}.{table.Name}"))
                changed |= (await BuildOneAsync(pipeline, table, cancellationToken)).Changed;
        }

        return changed;
    }

    private async Task<BuildRecord> BuildOneAsync(PipelineDefinition pipeline, TableDefinition table, CancellationToken cancellationToken)
    {
        var name = $"build/{pipeline.Name}.{table.Name}";
        var startedAt = time.GetUtcNow();
        var started = time.GetTimestamp();
        BuildRecord record;
        try
        {
            using var limit = new CancellationTokenSource(options.BuildTimeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var result = await engine.BuildAsync(pipeline, table, linked.Token);
            record = new BuildRecord("build", pipeline.Name, table.Name, startedAt, result.Elapsed.TotalMilliseconds, result.Changed, result.SourceVersion, result.Version, result.RowsRead, result.RowsWritten, result.Rows, null);
            _backoff.Remove(name);
            board.Set(new TableStatus(pipeline.Name, table.Name, result.Version, result.SourceVersion, result.Rows) { LastBuild = result.Changed ? record : null });
            if (!result.Changed)
                return record;
            Log.TableBuilt(log, pipeline.Name, table.Name, result.Version, result.RowsRead, result.RowsWritten, result.Elapsed.TotalMilliseconds);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var error = exception is OperationCanceledException ? $"the build took longer than {options.BuildTimeout}; raise MESH_BUILD_TIMEOUT_MS or make the query cheaper." : exception.Message;
            Failed(name);
            Log.BuildFailed(log, pipeline.Name, table.Name, error, Unexpected(exception));
            var before = board.Table(pipeline.Name, table.Name);
            record = new BuildRecord("build", pipeline.Name, table.Name, startedAt, time.GetElapsedTime(started).TotalMilliseconds, false, before?.SourceVersion ?? -1, before?.Version ?? -1, 0, 0, before?.Rows ?? 0, error);
            board.Set((before ?? new TableStatus(pipeline.Name, table.Name, -1, -1, 0)) with { LastBuild = record, Error = error });
        }

        Record(record);
        return record;
    }

    private async Task LoadPassAsync(PipelineDefinition pipeline, bool evenWaiting, CancellationToken cancellationToken)
    {
        foreach (var load in pipeline.Warehouse)
        {
            if (evenWaiting || MayTry($"load/{pipeline.Name}.{load.Table}"))
                await LoadOneAsync(pipeline, load, cancellationToken);
        }
    }

    private async Task LoadOneAsync(PipelineDefinition pipeline, WarehouseLoad load, CancellationToken cancellationToken)
    {
        var name = $"load/{pipeline.Name}.{load.Table}";
        var startedAt = time.GetUtcNow();
        var started = time.GetTimestamp();
        var known = board.Load(pipeline.Name, load.Table);
        try
        {
            using var limit = new CancellationTokenSource(options.BuildTimeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var table = engine.TableOf(pipeline.Tables.First(candidate => candidate.Name == load.Table));
            var snapshot = await table.GetSnapshotAsync(null, linked.Token);
            if (snapshot is null || (known is { Error: null } && known.Version >= snapshot.Version))
                return;
            var source = $"{pipeline.Name}.{load.Table}";
            if (await loader.LoadedVersionAsync(source, load.To, linked.Token) is var loaded && loaded >= snapshot.Version)
            {
                board.Set(new LoadStatus(pipeline.Name, load.Table, load.To, loaded, snapshot.RowCount));
                return;
            }

            using var staged = await export.ExportAsync(source, table, snapshot, linked.Token);
            var result = await loader.LoadAsync(
                new LoadRequest
                {
                    Source = source,
                    Version = snapshot.Version,
                    Target = load.To,
                    Keys = load.Keys,
                    Schema = staged.Schema,
                    StageUrl = options.StageUrl,
                    StagePath = staged.StagePath,
                    Rows = staged.Rows,
                    ContentHash = staged.ContentHash,
                },
                linked.Token);
            _backoff.Remove(name);
            board.Set(new LoadStatus(pipeline.Name, load.Table, load.To, result.Version, result.Rows) { ContentHash = result.ContentHash });
            var elapsed = time.GetElapsedTime(started).TotalMilliseconds;
            Record(new BuildRecord("load", pipeline.Name, load.Table, startedAt, elapsed, result.Loaded, snapshot.Version, result.Version, result.Rows, result.Rows, result.Rows, null));
            Log.TableLoaded(log, pipeline.Name, load.Table, load.To, result.Version, result.Rows, elapsed);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var error = exception is OperationCanceledException ? $"the load took longer than {options.BuildTimeout}; raise MESH_BUILD_TIMEOUT_MS." : exception.Message;
            Failed(name);
            Log.LoadFailed(log, pipeline.Name, load.Table, load.To, error, Unexpected(exception));
            board.Set((known ?? new LoadStatus(pipeline.Name, load.Table, load.To, -1, 0)) with { Error = error });
            Record(new BuildRecord("load", pipeline.Name, load.Table, startedAt, time.GetElapsedTime(started).TotalMilliseconds, false, -1, known?.Version ?? -1, 0, 0, known?.Rows ?? 0, error));
        }
    }

    private void Record(BuildRecord record)
    {
        board.Record(record);
        metrics.Ran(record.Kind, record.Pipeline, record.Table, record.Error is not null, record.RowsWritten, record.DurationMs);
    }

    // A refused query or load explains itself; only a surprise needs its stack.
    private static Exception? Unexpected(Exception exception) => exception is RealTimeMeshException or OperationCanceledException ? null : exception;

    private bool MayTry(string name) => !_backoff.TryGetValue(name, out var state) || state.Retry <= time.GetUtcNow();

    private void Failed(string name)
    {
        var failures = _backoff.GetValueOrDefault(name).Failures;
        var wait = Math.Min(options.BuildInterval.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20)), options.LongestBackoff.TotalMilliseconds);
        _backoff[name] = (failures + 1, time.GetUtcNow().AddMilliseconds(wait));
    }
}
