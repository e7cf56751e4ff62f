using System.Diagnostics;
using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// Rows per second of streaming appends of 8 columns (batches in memory to committed Parquet files, one writer), and the time of a bulk
/// append of 10 million such rows in ratio to DuckDB's own <c>COPY … TO parquet</c> of the same rows in the same run.
/// </summary>
internal sealed class DeltaAppend : IScenario
{
    private const int StreamBatch = 200_000;
    private const int StreamBatches = 20;
    private const int BulkRows = 10_000_000;
    private const int BulkRounds = 3;

    private static readonly RowSchema s_schema = new([
        new Field("id", FieldType.Int64, false),
        new Field("device", FieldType.String, true),
        new Field("kind", FieldType.String, true),
        new Field("at", FieldType.Timestamp, true),
        new Field("day", FieldType.Date, true),
        new Field("value", FieldType.Float64, true),
        new Field("count", FieldType.Int32, true),
        new Field("price", FieldType.Decimal, true) { Precision = 12, Scale = 2 },
    ]);

    public string Name => "delta-append";

    public string Description => "rows per second of streaming appends to a Delta table; bulk append of 10 million rows against DuckDB's COPY";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("delta-append-").FullName;
        try
        {
            var stream = await StreamAsync(Path.Combine(folder, "stream"), cancellationToken);
            var (append, copy) = await BulkAsync(folder, cancellationToken);
            var ratios = append.Zip(copy, (a, c) => a / c).Order().ToList();
            return new BenchmarkReport(
                Name,
                new Dictionary<string, double>
                {
                    ["stream_rows_per_second"] = stream.RowsPerSecond,
                    ["stream_cpu_us_per_row"] = stream.CpuMicros,
                    ["stream_commits_per_second"] = stream.RowsPerSecond / StreamBatch,
                    ["bulk_append_seconds"] = append.Order().ElementAt(BulkRounds / 2),
                    ["duckdb_copy_seconds"] = copy.Order().ElementAt(BulkRounds / 2),
                    ["bulk_ratio"] = ratios[BulkRounds / 2],
                    ["bulk_ratio_worst"] = ratios[^1],
                },
                $"streaming: {StreamBatches} appends of {StreamBatch:N0} rows with statistics, zstd, flushed to the disk and committed, after two to warm up; bulk: {BulkRows:N0} rows of a Parquet file, medians of {BulkRounds} rounds in turn, both zstd; the append is flushed and committed, the copy is neither.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double RowsPerSecond, double CpuMicros)> StreamAsync(string folder, CancellationToken cancellationToken)
    {
        var table = DeltaTable.At(folder, new DeltaTableOptions(), TimeProvider.System);
        await table.BeginTransaction(null).SetMetadata(s_schema, [], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), cancellationToken);
        var batches = Enumerable.Range(0, 4).Select(Rows).ToArray();
        for (var i = 0; i < 2; i++)
            await AppendAsync(table, batches[i], cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < StreamBatches; i++)
            await AppendAsync(table, batches[i % batches.Length], cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        const double rows = (double)StreamBatch * StreamBatches;
        return (rows / seconds, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / rows);
    }

    private static async Task AppendAsync(DeltaTable table, ColumnBatch rows, CancellationToken cancellationToken)
    {
        var snapshot = (await table.GetSnapshotAsync(null, cancellationToken))!;
        var transaction = table.BeginTransaction(snapshot);
        foreach (var file in await table.WriteFilesAsync(snapshot, [rows], cancellationToken))
            transaction.Add(file);
        if (await transaction.CommitAsync("STREAMING UPDATE", new Dictionary<string, string>(), cancellationToken) is not CommitResult.Committed)
            throw new InvalidOperationException("the only writer of a table lost a race");
    }

    private static ColumnBatch Rows(int number)
    {
        var random = new Random(number);
        var batch = new ColumnBatch(s_schema);
        var devices = Enumerable.Range(0, 2000).Select(i => string.Create(CultureInfo.InvariantCulture, $"device-{i:D6}")).ToArray();
        string[] kinds = ["temperature", "pressure", "humidity", "speed"];
        for (long i = 0; i < StreamBatch; i++)
        {
            ((Int64Column)batch.Columns[0]).Append(((long)number * StreamBatch) + i);
            ((StringColumn)batch.Columns[1]).Append(devices[random.Next(devices.Length)]);
            ((StringColumn)batch.Columns[2]).Append(kinds[random.Next(kinds.Length)]);
            ((Int64Column)batch.Columns[3]).Append(1_767_000_000_000_000 + (i * 1_000));
            ((Int64Column)batch.Columns[4]).Append(20_451 + (i / 100_000));
            ((Float64Column)batch.Columns[5]).Append(random.NextDouble() * 100);
            ((Int64Column)batch.Columns[6]).Append(random.Next(1000));
            ((DecimalColumn)batch.Columns[7]).Append(random.Next(1_000_000) / 100m);
        }

        return batch;
    }

    private static async Task<(List<double> Append, List<double> Copy)> BulkAsync(string folder, CancellationToken cancellationToken)
    {
        var options = new DuckDbOptions { MemoryLimitMiB = 2048, Threads = Environment.ProcessorCount, SpillPath = Path.Combine(folder, "spill") };
        var source = Path.Combine(folder, "source.parquet");
        using var session = DuckDbSession.Open(options);
        await session.ExecuteAsync(
            $"COPY (SELECT i AS id, printf('device-%06d', (i * 7919) % 2000) AS device, ['temperature', 'pressure', 'humidity', 'speed'][1 + (hash(i) % 4)::INTEGER] AS kind, make_timestamp(1767000000000000 + i * 1000)::TIMESTAMPTZ AS \"at\", DATE '2025-12-29' + (i // 1000000)::INTEGER AS day, (hash(i) % 1000000)::DOUBLE / 10000 AS value, (hash(i + 1) % 1000)::INTEGER AS count, ((hash(i + 2) % 1000000)::DECIMAL(12,2) / 100)::DECIMAL(12,2) AS price FROM range({BulkRows}) r(i)) TO {SqlText.Literal(source)} (FORMAT PARQUET)",
            cancellationToken);
        var engine = new DuckDbTableEngine(options);
        List<double> append = [], copy = [];
        for (var round = 0; round <= BulkRounds; round++)
        {
            var target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"copy{round}.parquet"));
            var started = Stopwatch.GetTimestamp();
            await session.ExecuteAsync($"COPY (SELECT * FROM read_parquet({SqlText.Literal(source)})) TO {SqlText.Literal(target)} (FORMAT PARQUET, COMPRESSION ZSTD)", cancellationToken);
            var copied = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var table = DeltaTable.At(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"bulk{round}")), new DeltaTableOptions { Engine = engine }, TimeProvider.System);
            started = Stopwatch.GetTimestamp();
            await table.AppendAsync(RowSource.Parquet(source), cancellationToken);
            var appended = Stopwatch.GetElapsedTime(started).TotalSeconds;
            // The first round reads the source from the disk; it warms up and does not count.
            if (round > 0)
            {
                append.Add(appended);
                copy.Add(copied);
            }

            File.Delete(target);
            Directory.Delete(table.Path, recursive: true);
        }

        return (append, copy);
    }
}
