using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// Reading a Delta table: an aggregate over the registered snapshot beside the same over DuckDB's own <c>read_parquet</c>, with and
/// without deletion vectors; then all rows as Arrow batches, as objects and as lines of JSON.
/// </summary>
internal sealed class DeltaScan : IScenario
{
    private const int Files = 10;
    private const long RowsOfFile = 500_000;
    private const long Rows = Files * RowsOfFile;
    private const string Aggregate = "SELECT count(*), sum(id), sum(amount), sum(score), max(name), max(seen), sum(length(place)), count(flag) FROM t";

    private static readonly RowSchema s_schema = new(
    [
        new Field("id", FieldType.Int64, false),
        new Field("name", FieldType.String, true),
        new Field("amount", FieldType.Decimal, true) { Precision = 12, Scale = 2 },
        new Field("score", FieldType.Float64, true),
        new Field("seen", FieldType.Timestamp, true),
        new Field("day", FieldType.Date, true),
        new Field("place", FieldType.String, true),
        new Field("flag", FieldType.Boolean, true),
    ]);

    public string Name => "delta-scan";

    public string Description => "reading a Delta table of 5 M rows of 8 columns: ratio to DuckDB's read_parquet, cost of deletion vectors, rows/s as Arrow, objects and JSON";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("delta-scan-").FullName;
        try
        {
            var options = new DuckDbOptions { MemoryLimitMiB = 1024, SpillPath = Path.Combine(folder, "spill") };
            var engine = new DuckDbTableEngine(options);
            var table = DeltaTable.At(Path.Combine(folder, "table"), new DeltaTableOptions { Engine = engine }, TimeProvider.System);
            using var session = DuckDbSession.Open(options);
            var snapshot = await WriteAsync(table, session, cancellationToken);
            var random = new Random(1);
            var deleted = snapshot.Files.Select(file => file with { DeletionVector = DeletionVectorDescriptor.Inline(new RoaringBitmap64(Enumerable.Range(0, (int)RowsOfFile).Where(_ => random.Next(100) == 0).Select(row => (long)row))) }).ToList();

            await session.ExecuteAsync($"CREATE VIEW t AS SELECT * FROM read_parquet({SqlText.Literal(Path.Combine(table.Path, "*.parquet"))})", cancellationToken);
            var plain = await MedianAsync(() => session.RowsAsync(Aggregate, cancellationToken));
            await session.RegisterSnapshotAsync("t", table.Path, snapshot, null, cancellationToken);
            var live = await MedianAsync(() => session.RowsAsync(Aggregate, cancellationToken));
            await session.RegisterSnapshotAsync("t", table.Path, snapshot, deleted, cancellationToken);
            var without = await MedianAsync(() => session.RowsAsync(Aggregate, cancellationToken));

            var arrow = await MedianAsync(() => ArrowAsync(table, null, cancellationToken));
            var objects = await MedianAsync(() => ObjectsAsync(table, cancellationToken));
            var json = await MedianAsync(() => ArrowAsync(table, new ArrayBufferWriter<byte>(), cancellationToken));
            return new BenchmarkReport(
                Name,
                new Dictionary<string, double>
                {
                    ["duckdb_read_parquet_ms"] = plain,
                    ["snapshot_ms"] = live,
                    ["snapshot_ratio"] = live / plain,
                    ["deletion_vectors_ms"] = without,
                    ["deletion_vectors_ratio"] = without / plain,
                    ["arrow_rows_per_second"] = Rows / arrow * 1000,
                    ["object_rows_per_second"] = Rows / objects * 1000,
                    ["json_rows_per_second"] = Rows / json * 1000,
                    ["peak_memory_mb"] = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6,
                },
                $"{Rows} rows in {Files} files, median of 3; the vectors delete 1 % of the rows, at random; {options.Threads} threads, {options.MemoryLimitMiB} MiB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Snapshot> WriteAsync(DeltaTable table, DuckDbSession session, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(table.Path);
        var transaction = table.BeginTransaction(null);
        transaction.SetMetadata(s_schema, [], "scanned");
        for (var i = 0; i < Files; i++)
        {
            var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT i AS id, 'name-' || (i * 7919 % 100000) AS name, (i % 1000000 / 100.0)::DECIMAL(12,2) AS amount, sqrt(i) AS score, make_timestamptz(1700000000000000 + i * 1000) AS seen, DATE '2024-01-01' + (i % 365)::INT AS day, CASE i % 3 WHEN 0 THEN 'Frankfurt' WHEN 1 THEN 'Amsterdam' END AS place, i % 2 = 0 AS flag FROM range({i * RowsOfFile}, {(i + 1) * RowsOfFile}) r(i)");
            var name = string.Create(CultureInfo.InvariantCulture, $"part-{i}.parquet");
            await session.ExecuteAsync($"COPY ({sql}) TO {SqlText.Literal(Path.Combine(table.Path, name))} (FORMAT PARQUET, COMPRESSION ZSTD)", cancellationToken);
            transaction.Add(await table.DescribeFileAsync(name, s_schema, new Dictionary<string, string?>(), cancellationToken));
        }

        await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), cancellationToken);
        return (await table.GetSnapshotAsync(null, cancellationToken))!;
    }

    private static async Task<long> ArrowAsync(DeltaTable table, ArrayBufferWriter<byte>? json, CancellationToken cancellationToken)
    {
        var rows = 0L;
        await foreach (var batch in table.ReadAsync(null, cancellationToken))
        {
            using (batch)
            {
                rows += batch.Length;
                if (json is not null)
                {
                    new JsonRows(batch.Schema).Write(batch, json);
                    json.ResetWrittenCount();
                }
            }
        }

        return rows == Rows ? rows : throw new InvalidOperationException($"{rows} rows; expected {Rows}");
    }

    private static async Task<long> ObjectsAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        var sum = 0L;
        await foreach (var row in table.ReadAsync<Row>(null, cancellationToken))
            sum += row.Id;
        return sum;
    }

    private static async Task<double> MedianAsync<T>(Func<Task<T>> work)
    {
        var times = new double[3];
        await work();
        for (var i = 0; i < times.Length; i++)
        {
            var clock = Stopwatch.StartNew();
            await work();
            times[i] = clock.Elapsed.TotalMilliseconds;
        }

        return times.Order().ElementAt(1);
    }

    private sealed record Row(long Id, string? Name, decimal? Amount, double? Score, DateTimeOffset? Seen, DateOnly? Day, string? Place, bool? Flag);
}
