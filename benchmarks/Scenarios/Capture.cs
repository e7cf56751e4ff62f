using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using RealTimeMesh.Benchmarks.Load;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// Changes of a PostgreSQL table onto the synced log: those that wait in the server's log, committed by a hundred, and the
/// rows of a table that is read at first. Beside them what the server alone needs to decode the same changes.
/// </summary>
internal sealed class Capture : IScenario
{
    private const int Rows = 400_000;
    private const int RowsOfTransaction = 100;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public string Name => "cdc";

    public string Description => "changes/s of a PostgreSQL table through Ingestion to the synced log, beside the server's own decoding";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        if (PostgresServer.Absent is { } absent)
            throw new InvalidOperationException(absent);
        var results = new Measurements();
        await using var server = await PostgresServer.StartAsync("max_wal_size=8GB", "shared_buffers=256MB");
        await using var source = NpgsqlDataSource.Create($"{server.Connection};Command Timeout=600");
        await ExecuteAsync(source, "CREATE TABLE orders (id bigint PRIMARY KEY, symbol text, venue text, bid float8, ask float8, quantity bigint, account text, at timestamptz)", cancellationToken);
        await ExecuteAsync(source, "CREATE PUBLICATION mesh_bench_changes FOR TABLE orders", cancellationToken);
        await ExecuteAsync(source, "SELECT pg_create_logical_replication_slot('mesh_bench_changes', 'pgoutput')", cancellationToken);
        await ExecuteAsync(source, string.Create(CultureInfo.InvariantCulture, $$"""
            CREATE PROCEDURE fill(first int, last int) LANGUAGE plpgsql AS $$
            BEGIN
              FOR i IN first..last LOOP
                INSERT INTO orders SELECT k, 'SYM' || k % 200, 'XNAS', 100 + k % 1000 / 10.0, 101 + k % 1000 / 10.0, k % 5000, 'account-' || lpad((k % 100000)::text, 40, '0'), now() FROM generate_series((i - 1) * {{RowsOfTransaction}} + 1, i * {{RowsOfTransaction}}) k;
                COMMIT;
              END LOOP;
            END $$
            """), cancellationToken);
        await ExecuteAsync(source, string.Create(CultureInfo.InvariantCulture, $"CALL fill(1, {Rows / RowsOfTransaction})"), cancellationToken);

        var started = TimeProvider.System.GetTimestamp();
        await ExecuteAsync(source, "SELECT count(*) FROM pg_logical_slot_peek_binary_changes('mesh_bench_changes', NULL, NULL, 'proto_version', '1', 'publication_names', 'mesh_bench_changes')", cancellationToken);
        results.Add("server_alone.changes_per_s", Rows / TimeProvider.System.GetElapsedTime(started).TotalSeconds);

        await MeasureAsync("changes", "never", server, results, cancellationToken);
        await MeasureAsync("first_read", "initial", server, results, cancellationToken);
        return new BenchmarkReport(Name, results.Values, $"{Rows:N0} rows of eight columns and some 120 bytes, transactions of {RowsOfTransaction}; PostgreSQL, Ingestion and {SidecarSettings.Executable()} as processes on this machine, log synced before a position is stored, positions in Garnet.");
    }

    private static async Task MeasureAsync(string step, string snapshot, PostgresServer server, Measurements results, CancellationToken cancellationToken)
    {
        await using var ingest = await IngestProcess.StartAsync([], cancellationToken, folder => WritePipeline(folder, step, snapshot, server));
        using var client = new HttpClient { BaseAddress = ingest.Address };
        var (first, begun) = await PositionAsync(client, 1, cancellationToken);
        var before = ingest.Processors;
        var (last, ended) = await PositionAsync(client, Rows, cancellationToken);
        var after = ingest.Processors;
        var elapsed = TimeProvider.System.GetElapsedTime(begun, ended);
        results.Add($"{step}.changes_per_s", (last - first) / elapsed.TotalSeconds);
        results.Add($"{step}.cpu_us_per_change.ingestion", (after.Ingestion - before.Ingestion).TotalMicroseconds / (last - first));
        results.Add($"{step}.cpu_us_per_change.sidecar", (after.Sidecar - before.Sidecar).TotalMicroseconds / (last - first));
        results.Add($"{step}.peak_memory_mib", ingest.PeakMebibytes);
    }

    /// <summary>Waits until so many changes are published and their position is stored.</summary>
    private static async Task<(long Position, long At)> PositionAsync(HttpClient client, long wanted, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var source = (await client.GetFromJsonAsync<JsonElement>("/v1/sources", cancellationToken)).GetProperty("sources")[0];
            var position = source.GetProperty("position").GetInt64();
            if (position >= wanted)
                return (position, TimeProvider.System.GetTimestamp());
            if (TimeProvider.System.GetElapsedTime(started) > Limit)
                throw new InvalidOperationException($"after {Limit} the source is at {source}; expected {wanted} changes");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static void WritePipeline(string folder, string name, string snapshot, PostgresServer server)
    {
        var pipeline = Directory.CreateDirectory(Path.Combine(folder, "bench")).FullName;
        File.WriteAllText(Path.Combine(pipeline, "order.avsc"), """
            {"type":"record","name":"Order","namespace":"bench","fields":[
              {"name":"id","type":"long"},
              {"name":"symbol","type":["null","string"],"default":null},
              {"name":"venue","type":["null","string"],"default":null},
              {"name":"bid","type":["null","double"],"default":null},
              {"name":"ask","type":["null","double"],"default":null},
              {"name":"quantity","type":["null","long"],"default":null},
              {"name":"account","type":["null","string"],"default":null},
              {"name":"at","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null},
              {"name":"_op","type":"string"},{"name":"_lsn","type":"long"},{"name":"_index","type":"long"},
              {"name":"_committed_at","type":{"type":"long","logicalType":"timestamp-micros"}}]}
            """);
        File.WriteAllText(Path.Combine(pipeline, "pipeline.yaml"), $$"""
            pipeline: bench
            streams:
              {{name}}:
                contract: order.avsc
                key: id
                time: { field: _committed_at }
                sources:
                  - name: {{name}}
                    postgres: { connection: "{{server.Connection}}", tables: [public.orders], snapshot: {{snapshot}} }
            """);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
