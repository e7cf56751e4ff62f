using System.Diagnostics;
using System.Globalization;
using RealTimeMesh.Benchmarks.Load;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// MERGE into a Delta table of 16 columns from a source of one row in a hundred (80 % updates all over the table), by copy-on-write and
/// by deletion vectors, then of one row; beside them, in the same run, DuckDB writing the table's rows anew.
/// </summary>
/// <param name="millions">Rows of the table; 60 is the published size.</param>
internal sealed class DeltaMerge(double millions) : IScenario
{
    private const double SourceShare = 0.01;
    private const double UpdatedShare = 0.8;

    private readonly Dictionary<string, double> _metrics = [];

    public string Name => "delta-merge";

    public string Description => "MERGE of 1 % (80 % updates) into a table of 16 columns and of one row, beside a rewrite by DuckDB (--millions)";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var work = Directory.CreateTempSubdirectory("mesh-benchmark-").FullName;
        var options = new DuckDbOptions { MemoryLimitMiB = 3072, SpillPath = Path.Combine(work, "spill"), TargetFileMiB = 32 };
        var rows = (long)(millions * 1_000_000);
        try
        {
            await RewriteAsync(work, options, rows, cancellationToken);
            foreach (var (mode, vectors) in new[] { ("copy_on_write", false), ("deletion_vectors", true) })
                await MergeAsync(Path.Combine(work, mode), options, rows, mode, vectors, cancellationToken);
            return new BenchmarkReport(Name, _metrics, string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows of 16 columns; source {rows * SourceShare:N0} rows, {UpdatedShare:P0} of them updates at random keys; DuckDB limit {options.MemoryLimitMiB} MiB, {options.Threads} threads; ratio: merge time to DuckDB's rewrite of all rows to Parquet in this run; peak: the most resident memory of the process during the step."));
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>What any copy-on-write costs: all rows read from Parquet and written to Parquet.</summary>
    private async Task RewriteAsync(string work, DuckDbOptions options, long rows, CancellationToken cancellationToken)
    {
        var (plain, again) = (Path.Combine(work, "plain"), Path.Combine(work, "again"));
        using var session = DuckDbSession.Open(options);
        await session.ExecuteAsync(Copy($"SELECT {Columns("i")} FROM range({rows}) r(i)", plain), cancellationToken);
        await TimeAsync("duckdb_rewrite", () => session.ExecuteAsync(Copy($"SELECT * FROM read_parquet('{plain}/*.parquet')", again), cancellationToken));
        await TimeAsync("duckdb_key_scan", () => session.ScalarAsync($"SELECT count(*) FROM read_parquet('{plain}/*.parquet') t SEMI JOIN (SELECT (i * 7919) % {rows} AS id FROM range({(long)(rows * SourceShare)}) r(i)) s ON s.id = t.id", cancellationToken));
        Directory.Delete(plain, recursive: true);
        Directory.Delete(again, recursive: true);
    }

    private async Task MergeAsync(string path, DuckDbOptions options, long rows, string mode, bool vectors, CancellationToken cancellationToken)
    {
        var table = DeltaTable.At(path, new DeltaTableOptions { Engine = new DuckDbTableEngine(options) }, TimeProvider.System);
        await table.WriteAsync(new WriteRequest(RowSource.Query($"SELECT {Columns("i")} FROM range({rows}) r(i)")) { Properties = new Dictionary<string, string?> { ["delta.enableDeletionVectors"] = vectors ? "true" : "false" } }, cancellationToken);
        var source = (long)(rows * SourceShare);
        var updates = (long)(source * UpdatedShare);
        // A prime step spreads the keys over the whole table without hitting one twice.
        var keys = $"SELECT CASE WHEN n < {updates} THEN (n * 7919) % {rows} ELSE {rows} + n END AS i FROM range({source}) s(n)";
        var result = await TimeAsync($"{mode}.merge", () => table.Merge(RowSource.Query($"SELECT {Columns("i")} FROM ({keys})"), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(cancellationToken));
        if (result["numTargetRowsUpdated"] != updates || result["numTargetRowsInserted"] != source - updates)
            throw new InvalidOperationException($"{result["numTargetRowsUpdated"]} rows were updated and {result["numTargetRowsInserted"]} inserted; expected {updates} and {source - updates}");
        _metrics[$"{mode}.merge_ratio_to_rewrite"] = _metrics[$"{mode}.merge_s"] / _metrics["duckdb_rewrite_s"];
        await TimeAsync($"{mode}.one_row_upsert", () => table.Merge(RowSource.Query($"SELECT {Columns("i")} FROM range({rows / 2}, {(rows / 2) + 1}) r(i)"), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(cancellationToken));
        Directory.Delete(path, recursive: true);
    }

    private async Task<T> TimeAsync<T>(string name, Func<Task<T>> work)
    {
        if (OperatingSystem.IsLinux())
            PeakMemory.Reset();
        var started = Stopwatch.GetTimestamp();
        var result = await work();
        _metrics[$"{name}_s"] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (OperatingSystem.IsLinux())
            _metrics[$"{name}_peak_mib"] = PeakMemory.ReadMebibytes();
        System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {_metrics[$"{name}_s"]:N2} s, peak {_metrics.GetValueOrDefault($"{name}_peak_mib"):N0} MiB"));
        return result;
    }

    private static string Copy(string query, string folder) => $"COPY ({query}) TO '{folder}' (FORMAT PARQUET, COMPRESSION ZSTD, FILE_SIZE_BYTES '128MiB')";

    /// <summary>Sixteen columns as facts have them: key, codes, names, amounts, times.</summary>
    private static string Columns(string i) =>
        $"""
        {i} AS id, CAST({i} % 1000 AS INTEGER) AS shop, CAST({i} % 37 AS INTEGER) AS kind, {i} * 31 % 1000003 AS customer, CAST(({i} * 17) % 100000 AS DECIMAL(12,2)) AS price,
        CAST({i} % 50 AS INTEGER) AS amount, CAST({i} * 0.37 AS DOUBLE) AS weight, 'name-' || ({i} % 5000) AS name, 'city-' || ({i} % 300) AS city, CASE WHEN {i} % 5 = 0 THEN NULL ELSE 'note ' || ({i} % 977) END AS note,
        DATE '2020-01-01' + CAST({i} % 2000 AS INTEGER) AS day, TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_seconds({i}) AS seen, {i} % 2 = 0 AS active, {i} % 11 AS c1, CAST(hash({i}) % 1000 AS BIGINT) AS c2, CAST({i} % 7 AS DOUBLE) AS c3
        """;
}
