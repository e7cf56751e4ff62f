using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using RealTimeMesh.EndToEnd.Tests;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Chaos.Tests;

/// <summary>
/// A PostgreSQL under load whose changes are captured, while the mesh and the server are killed: each row's history and
/// its final value must arrive whole.
/// </summary>
public sealed class CaptureTests(ITestOutputHelper output)
{
    private const int Kills = 4;
    private const int Keys = 400;

    /// <summary>One seed; more, separated by commas, where <c>MESH_CHAOS_SEEDS</c> names them.</summary>
    public static TheoryData<int> Seeds => [.. (Environment.GetEnvironmentVariable("MESH_CHAOS_SEEDS") ?? "7").Split(',').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Timeout = 900_000)]
    [MemberData(nameof(Seeds))]
    public async Task Killed_many_times_on_both_sides_the_table_ends_equal_and_no_change_is_missing_or_doubled(int seed)
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var server = await PostgresServer.StartAsync();
        await ExecuteAsync(server, "CREATE TABLE orders (id int PRIMARY KEY, version int NOT NULL, amount numeric(12,2), note text, big text); ALTER TABLE orders ALTER big SET STORAGE EXTERNAL");
        await ExecuteAsync(server, "INSERT INTO orders SELECT -i, 1, i, 'seeded', CASE WHEN i % 500 = 0 THEN repeat(chr(97 + i / 500 % 26), 9000 + i) END FROM generate_series(1, 20000) i");
        var folder = HostProcess.NewFolder("capture");
        var data = Path.Combine(folder, "data");
        WritePipeline(folder);
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(server, seed, stop.Token);
        try
        {
            for (var i = 0; i < Kills; i++)
            {
                await using var killed = Start(folder, data, server);
                killed.KeepData = true;
                await killed.ReadyAsync(Cancel);
                if (i == 0)
                    await BegunAsync(killed);
                else
                    await PauseAsync(random, 500, 4000);
                output.WriteLine($"killing at {await SourceAsync(killed)}");
                // The first time in the midst of the first read, both at once.
                switch (i == 0 ? 0 : random.Next(3))
                {
                    case 0:
                        await Task.WhenAll(server.KillAsync(), killed.KillAsync());
                        await PauseAsync(random, 0, 500);
                        await server.StartAsync();
                        break;
                    case 1:
                        await server.KillAsync();
                        await PauseAsync(random, 0, 1000);
                        await server.StartAsync();
                        await PauseAsync(random, 0, 4000);
                        await killed.KillAsync();
                        break;
                    default:
                        await killed.KillAsync();
                        await PauseAsync(random, 0, 500);
                        await server.KillAsync();
                        await server.StartAsync();
                        break;
                }
            }

            await stop.CancelAsync();
            output.WriteLine($"{await load} transactions");
            await using var host = Start(folder, data, server);
            host.KeepData = true;
            await host.ReadyAsync(Cancel);
            await ExecuteAsync(server, "INSERT INTO orders VALUES (1000000, 1, 0, 'last', NULL)");
            var expected = await TableAsync(server);
            IReadOnlyList<string> silver = [];
            await UntilAsync(() => (silver = Silver(data)).Count == expected.Count && silver.SequenceEqual(expected), TimeSpan.FromMinutes(4), () => Describe(expected, silver, host));
            AssertHistory(data);
            await LedgerAsync(host);
            output.WriteLine($"{expected.Count} rows equal, {Count(data)} changes");
        }
        finally
        {
            await stop.CancelAsync();
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static HostProcess Start(string folder, string data, PostgresServer server) => HostProcess.Start(
        data,
        new Dictionary<string, string> { ["SHOP_DATABASE"] = server.Connection, ["MESH_BUILD_INTERVAL_MS"] = "1000" },
        "--pipelines", Path.Combine(folder, "pipelines"), "--free-ports", "--no-console");

    /// <summary>Seeded transactions of inserts, updates, deletions and moves of keys; each version of a row is one higher than the last. Tries on through outages; returns how many were committed.</summary>
    private static async Task<int> LoadAsync(PostgresServer server, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var done = 0;
        await using var source = NpgsqlDataSource.Create($"{server.Connection};Timeout=5");
        while (!cancellationToken.IsCancellationRequested)
        {
            var sql = string.Join("; ", Enumerable.Range(0, random.Next(1, 12)).Select(_ => Statement(random)));
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await using (var command = new NpgsqlCommand(sql, connection, transaction))
                    await command.ExecuteNonQueryAsync(cancellationToken);
                if (random.Next(10) == 0)
                    await transaction.RollbackAsync(cancellationToken);
                else
                    await transaction.CommitAsync(cancellationToken);
                done++;
            }
            catch (Exception e) when (e is NpgsqlException or IOException)
            {
                // The server was killed: whether this one was committed does not matter, since the table itself is compared.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return done;
    }

    // Rows with large values are updated, which does not send the values again, but never deleted: those of a row that is gone could not be told.
    private static string Statement(Random random)
    {
        var id = random.Next(1, Keys);
        return random.Next(10) switch
        {
            < 4 => string.Create(CultureInfo.InvariantCulture, $"INSERT INTO orders VALUES ({id}, 1, {random.Next(100000) / 100m}, 'n{random.Next(100)}', NULL) ON CONFLICT (id) DO UPDATE SET version = orders.version + 1, amount = excluded.amount"),
            < 8 => string.Create(CultureInfo.InvariantCulture, $"UPDATE orders SET version = version + 1, note = 'u{random.Next(1000)}' WHERE id BETWEEN {id} AND {id + random.Next(5)}"),
            8 => string.Create(CultureInfo.InvariantCulture, $"DELETE FROM orders WHERE id = {id}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"UPDATE orders SET version = version + 1 WHERE id = {-500 * random.Next(1, 40)}"),
        };
    }

    private static void WritePipeline(string folder)
    {
        var pipeline = Path.Combine(folder, "pipelines", "shop");
        Directory.CreateDirectory(pipeline);
        File.WriteAllText(Path.Combine(pipeline, "order.avsc"), """
            {"type":"record","name":"Order","namespace":"shop","fields":[
              {"name":"id","type":"int"},
              {"name":"version","type":["null","int"],"default":null},
              {"name":"amount","type":["null",{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}],"default":null},
              {"name":"note","type":["null","string"],"default":null},
              {"name":"big","type":["null","string"],"default":null},
              {"name":"_op","type":"string"},{"name":"_lsn","type":"long"},{"name":"_index","type":"long"},
              {"name":"_committed_at","type":{"type":"long","logicalType":"timestamp-micros"}}]}
            """);
        File.WriteAllText(Path.Combine(pipeline, "silver.sql"), """
            SELECT o.id, o.version, o.amount, o.note, o.big, o._op
            FROM bronze.orders o
            JOIN (SELECT _partition, _offset, row_number() OVER (PARTITION BY id ORDER BY _lsn DESC, _index DESC, _offset DESC) AS newest FROM bronze.orders) n
              ON n._partition = o._partition AND n._offset = o._offset
            WHERE n.newest = 1
            """);
        File.WriteAllText(Path.Combine(pipeline, "pipeline.yaml"), """
            pipeline: shop
            streams:
              orders:
                contract: order.avsc
                key: id
                time: { field: _committed_at }
                sources:
                  - postgres: { connection: { env: SHOP_DATABASE }, tables: [public.orders], heartbeat: 1s }
            tables:
              bronze.orders: { append: orders }
              silver.orders: { sql: silver.sql, merge: [id], delete: "_op = 'd'", changes: bronze.orders }
            """);
    }

    private static async Task<IReadOnlyList<string>> TableAsync(PostgresServer server)
    {
        await using var source = NpgsqlDataSource.Create($"{server.Connection};Pooling=false");
        await using var command = source.CreateCommand("SELECT concat_ws('|', id, version, coalesce(amount::text, '∅'), coalesce(note, '∅'), coalesce(md5(big), '∅')) FROM orders");
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        List<string> rows = [];
        while (await reader.ReadAsync(Cancel))
            rows.Add(reader.GetString(0));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private static IReadOnlyList<string> Silver(string data)
    {
        var table = LakeReader.Table(data, "shop", "silver", "orders");
        try
        {
            return Directory.Exists(table) ? LakeReader.Rows($"SELECT concat_ws('|', id, version, coalesce(amount::text, '∅'), coalesce(note, '∅'), coalesce(md5(big), '∅')) FROM {LakeReader.Scan(table)}") : [];
        }
        catch (DuckDB.NET.Data.DuckDBException)
        {
            // A file that was replaced between the log and the read.
            return [];
        }
    }

    /// <summary>Every change once: within a life of a row (from its insertion to its deletion) the versions go up one by one.</summary>
    private static void AssertHistory(string data)
    {
        var bronze = LakeReader.Scan(LakeReader.Table(data, "shop", "bronze", "orders"));
        // A row may be read at first twice, under one id, where the first read was cut short.
        Assert.Equal([], LakeReader.Rows($"SELECT _id, count(*) FROM {bronze} WHERE _op <> 'r' GROUP BY _id HAVING count(*) > 1"));
        Assert.Equal([], LakeReader.Rows($"""
            SELECT * FROM (
              SELECT id, version, _op, lag(version) OVER w AS version_before, lag(_op) OVER w AS op_before
              FROM (SELECT DISTINCT ON (_id) * FROM {bronze}) WINDOW w AS (PARTITION BY id ORDER BY _lsn, _index))
            WHERE (_op = 'u' AND op_before IN ('c', 'u') AND version <> version_before + 1)
               OR (_op IN ('u', 'd') AND op_before = 'd')
               OR (_op = 'c' AND version <> 1)
               OR (_op = 'c' AND op_before IN ('c', 'u'))
            """));
    }

    private static string Count(string data) => LakeReader.Rows($"SELECT count(*) FROM {LakeReader.Scan(LakeReader.Table(data, "shop", "bronze", "orders"))}")[0];

    /// <summary>Waits until the first rows are published and their position is stored.</summary>
    private static async Task BegunAsync(HostProcess host)
    {
        using var http = new HttpClient();
        while ((await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/sources"), Cancel)).GetProperty("sources")[0].GetProperty("position").GetInt64() == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
    }

    private static Task PauseAsync(Random random, int least, int most) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(least, most)), TimeProvider.System, Cancel);

    private static async Task<string> SourceAsync(HostProcess host)
    {
        using var http = new HttpClient();
        var reply = await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/sources"), Cancel);
        return reply.GetProperty("sources")[0].ToString();
    }

    private async Task LedgerAsync(HostProcess host)
    {
        using var http = new HttpClient();
        output.WriteLine((await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/ledger"), Cancel)).ToString());
        var sources = await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/sources"), Cancel);
        output.WriteLine(sources.ToString());
        var ledger = await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/ledger"), Cancel);
        Assert.Equal(0, ledger.GetProperty("streams")[0].GetProperty("rejected").GetInt64());
    }

    private static async Task ExecuteAsync(PostgresServer server, string sql)
    {
        await using var source = NpgsqlDataSource.Create($"{server.Connection};Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static string Describe(IReadOnlyList<string> expected, IReadOnlyList<string> found, HostProcess host) =>
        $"expected {expected.Count} rows, found {found.Count}; missing {string.Join(' ', expected.Except(found).Take(5))}; too many {string.Join(' ', found.Except(expected).Take(5))}\n{host.Output}";

    private static async Task UntilAsync(Func<bool> reached, TimeSpan limit, Func<string> describe)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!reached())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < limit, describe());
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
        }
    }
}
