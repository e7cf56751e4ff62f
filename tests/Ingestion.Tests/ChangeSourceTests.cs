using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Postgres;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Tables of a real PostgreSQL as sources of a stream.</summary>
public sealed class ChangeSourceTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Topic = "shop.orders";

    [Fact]
    public async Task Rows_and_changes_become_events_of_the_contract()
    {
        var connection = await postgres.DatabaseAsync("CREATE TABLE orders (id int PRIMARY KEY, state text, amount numeric(10,2)); INSERT INTO orders VALUES (1, 'new', 9.9)");
        await using var ingestion = await StartAsync(Stream(connection));
        await CountAsync(ingestion, Topic, 1);
        await PostgresFixture.ExecuteAsync(connection, "UPDATE orders SET state = 'paid'");
        await PostgresFixture.ExecuteAsync(connection, "DELETE FROM orders");
        await PostgresFixture.ExecuteAsync(connection, "TRUNCATE orders");
        await CountAsync(ingestion, Topic, 3);
        await CountAsync(ingestion, $"{Topic}.dlq", 1);
        Assert.Equal(["1|new|9.90|r", "1|paid|9.90|u", "1|null|null|d"], Rows(ingestion.Log.Read(Topic)));
        Assert.Equal(["1", "1", "1"], ingestion.Log.Read(Topic).Select(stored => stored.Key));
        // A contract whose key can't be null has no place for an emptied table.
        var letter = ingestion.Log.Read($"{Topic}.dlq")[0];
        Assert.Equal("missing", letter.Rule);
        Assert.Contains("\"_op\":\"t\"", System.Text.Encoding.UTF8.GetString(letter.Original), StringComparison.Ordinal);
        var source = await ingestion.SourceAsync();
        Assert.Equal("postgres", source.GetProperty("kind").GetString());
        Assert.True(source.GetProperty("lag_seconds").GetDouble() >= 0);
    }

    [Theory]
    [InlineData("int2", "long", "-32768", "-32768")]
    [InlineData("int4", "int", "2147483647", "2147483647")]
    [InlineData("int8", "long", "9223372036854775807", "9223372036854775807")]
    [InlineData("float8", "double", "1.5e300", "1.5E+300")]
    [InlineData("float8", "double", "'NaN'", null)]
    [InlineData("float4", "float", "0.25", "0.25")]
    [InlineData("float8", "double", "'-Infinity'", null)]
    [InlineData("numeric(12,3)", "decimal", "123456789.125", "123456789.125")]
    [InlineData("numeric", "decimal", "1.5", "1.500")]
    [InlineData("numeric", "decimal", "1.0001", null)]
    [InlineData("numeric", "decimal", "'NaN'", null)]
    [InlineData("text", "string", "'ü€😀 \"quoted\"'", "ü€😀 \"quoted\"")]
    [InlineData("text", "string", "''", "")]
    [InlineData("varchar(5)", "string", "'abc'", "abc")]
    [InlineData("char(5)", "string", "'abc'", "abc  ")]
    [InlineData("bool", "boolean", "true", "True")]
    [InlineData("bool", "boolean", "false", "False")]
    [InlineData("bool", "string", "true", "true")]
    [InlineData("timestamptz", "timestamp", "'2024-02-29 12:34:56.789012+05:30'", "1709190296789012")]
    [InlineData("timestamp", "timestamp", "'2024-02-29 12:34:56'", "1709210096000000")]
    [InlineData("timestamptz", "timestamp", "'infinity'", null)]
    [InlineData("timestamptz", "timestamp", "'0044-03-15 12:00:00 BC'", null)]
    [InlineData("timestamptz", "string", "'infinity'", "infinity")]
    [InlineData("date", "date", "'2024-02-29'", "19782")]
    [InlineData("date", "date", "'-infinity'", null)]
    [InlineData("time", "string", "'23:59:59.5'", "23:59:59.5")]
    [InlineData("interval", "string", "'1 day 2 hours'", "1 day 02:00:00")]
    [InlineData("uuid", "string", "'0F8FAD5B-D9CB-469F-A165-70867728950E'", "0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("bytea", "bytes", "'\\x00ff10'", "00FF10")]
    [InlineData("bytea", "bytes", "''", "")]
    [InlineData("json", "string", "'{\"a\": [1,  2]}'", "{\"a\": [1,  2]}")]
    [InlineData("jsonb", "string", "'{\"b\":1,\"a\":2}'", "{\"a\": 2, \"b\": 1}")]
    [InlineData("mood", "string", "'fine'", "fine")]
    [InlineData("mood", "enum", "'fine'", "fine")]
    [InlineData("mood", "enum", "'bad'", null)]
    [InlineData("amount", "decimal", "2.5", "2.500")]
    [InlineData("blob", "bytes", "'\\xab'", "AB")]
    [InlineData("int[]", "string", "'{1,2,NULL}'", "{1,2,NULL}")]
    [InlineData("int4range", "string", "'[1,5)'", "[1,5)")]
    [InlineData("int4", "string", "7", "7")]
    [InlineData("text", "int", "'7x'", null)]
    [InlineData("text", "int", "NULL", "null")]
    public async Task A_value_enters_as_it_is_or_the_row_is_rejected_from_the_table_and_from_the_log(string type, string field, string sql, string? expected)
    {
        var connection = await postgres.DatabaseAsync($"CREATE TYPE mood AS ENUM ('fine', 'bad'); CREATE DOMAIN amount AS numeric; CREATE DOMAIN blob AS bytea; CREATE TABLE orders (id int PRIMARY KEY, v {type}); INSERT INTO orders VALUES (1, {sql})");
        var avro = field switch
        {
            "decimal" => """{"type":"bytes","logicalType":"decimal","precision":12,"scale":3}""",
            "timestamp" => """{"type":"long","logicalType":"timestamp-micros"}""",
            "date" => """{"type":"int","logicalType":"date"}""",
            "enum" => """{"type":"enum","name":"Mood","symbols":["fine","sad"]}""",
            _ => $"\"{field}\"",
        };
        var contract = Contract($$"""{"name":"id","type":"int"},{"name":"v","type":["null",{{avro}}],"default":null}""");
        await using var ingestion = await StartAsync(Stream(connection, contract: contract));
        var topic = expected is null ? $"{Topic}.dlq" : Topic;
        await CountAsync(ingestion, topic, 1);
        await PostgresFixture.ExecuteAsync(connection, $"INSERT INTO orders VALUES (2, {sql})");
        await CountAsync(ingestion, topic, 2);
        var stored = ingestion.Log.Read(topic);
        if (expected is null)
            Assert.All(stored, letter => Assert.Equal(("type", "v"), (letter.Rule, letter.Json.GetProperty("reason").GetProperty("field").GetString())));
        else
            Assert.Equal([expected, expected], Values(stored, contract));
    }

    [Fact]
    public async Task After_a_crash_before_the_position_was_stored_nothing_is_lost_and_consumers_see_nothing_twice()
    {
        var connection = await postgres.DatabaseAsync("CREATE TABLE orders (id int PRIMARY KEY, state text, amount numeric(10,2))");
        var (log, records) = (new MemoryLog(), new MemoryRecords());
        var stream = Stream(connection);
        await using (var first = await StartAsync(stream, log, records))
        {
            await PostgresFixture.ExecuteAsync(connection, "INSERT INTO orders SELECT i, 'new', i FROM generate_series(1, 5000) i");
            await CountAsync(first, Topic, 5000);
            records.OnWrite = _ => false;
            await PostgresFixture.ExecuteAsync(connection, "UPDATE orders SET state = 'paid' WHERE id <= 3000");
            await CountAsync(first, Topic, 8000);
        }

        records.OnWrite = null;
        await using var second = await StartAsync(stream, log, records);
        await PostgresFixture.ExecuteAsync(connection, "DELETE FROM orders WHERE id = 1");
        await UntilAsync(() => log.ReadOnce(Topic).Count == 8001);
        Assert.True(log.Count(Topic) > 8001, "the last batches come again");
        Assert.Equal("1|null|null|d", Rows(log.ReadOnce(Topic)).Last());
        Assert.Equal(8001, log.ReadOnce(Topic).Select(stored => stored.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_crash_while_rows_are_read_at_first_loses_none_even_where_they_changed_meanwhile()
    {
        var connection = await postgres.DatabaseAsync("CREATE TABLE orders (id int PRIMARY KEY, state text, amount numeric(10,2)); INSERT INTO orders SELECT i, 'old', i FROM generate_series(1, 20000) i");
        var (log, records) = (new MemoryLog(), new MemoryRecords());
        var stream = Stream(connection);
        var saves = 0;
        records.OnWrite = _ => Interlocked.Increment(ref saves) <= 3;
        await using (var first = await StartAsync(stream, log, records))
            await UntilAsync(() => log.Count(Topic) > 6000);
        // Before what was published last, and in it, and after it.
        await PostgresFixture.ExecuteAsync(connection, "DELETE FROM orders WHERE id % 7 = 0; UPDATE orders SET state = 'new' WHERE id % 5 = 0; INSERT INTO orders SELECT -i, 'late', i FROM generate_series(1, 100) i");
        records.OnWrite = null;
        await using var second = await StartAsync(stream, log, records);
        await PostgresFixture.ExecuteAsync(connection, "INSERT INTO orders VALUES (1000000, 'last', 1)");
        // Rows that are read under the second snapshot may hold it already; the log brings it once more, after all else.
        await UntilAsync(() => Rows(log.ReadOnce(Topic)).Last() == "1000000|last|1.00|c");
        var state = new Dictionary<string, string>();
        foreach (var row in Rows(log.ReadOnce(Topic)).Select(row => row.Split('|')))
        {
            if (row[3] == "d")
                state.Remove(row[0]);
            else
                state[row[0]] = row[1];
        }

        var expected = Enumerable.Range(1, 20000).Where(i => i % 7 != 0).ToDictionary(i => $"{i}", i => i % 5 == 0 ? "new" : "old");
        for (var i = 1; i <= 100; i++)
            expected[$"-{i}"] = "late";
        expected["1000000"] = "last";
        Assert.Equal(expected.OrderBy(pair => pair.Key), state.OrderBy(pair => pair.Key));
    }

    [Fact]
    public async Task A_column_that_is_renamed_sends_rows_to_the_dead_letters_until_the_contract_knows_its_name()
    {
        var connection = await postgres.DatabaseAsync("CREATE TABLE orders (id int PRIMARY KEY, state text, amount numeric(10,2))");
        var (log, records) = (new MemoryLog(), new MemoryRecords());
        await using (var first = await StartAsync(Stream(connection), log, records))
        {
            await PostgresFixture.ExecuteAsync(connection, "INSERT INTO orders VALUES (1, 'new', 1)");
            await CountAsync(first, Topic, 1);
            await PostgresFixture.ExecuteAsync(connection, "ALTER TABLE orders RENAME state TO status");
            await PostgresFixture.ExecuteAsync(connection, "ALTER TABLE orders ADD note text");
            await PostgresFixture.ExecuteAsync(connection, "INSERT INTO orders VALUES (2, 'new', 2, 'x')");
            await CountAsync(first, $"{Topic}.dlq", 1);
            var letter = log.Read($"{Topic}.dlq")[0];
            Assert.Equal(("column", "state"), (letter.Rule, letter.Json.GetProperty("reason").GetProperty("field").GetString()));
            Assert.Contains("\"status\":\"new\"", System.Text.Encoding.UTF8.GetString(letter.Original), StringComparison.Ordinal);
        }

        var aliased = Contract("""{"name":"id","type":"int"},{"name":"state","type":["null","string"],"default":null,"aliases":["status"]},{"name":"amount","type":["null",{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}],"default":null}""");
        await using var second = await StartAsync(Stream(connection, contract: aliased), log, records);
        await PostgresFixture.ExecuteAsync(connection, "INSERT INTO orders VALUES (3, 'new', 3, NULL)");
        await CountAsync(second, Topic, 2);
        Assert.Equal("3|new|3.00|c", Rows(log.Read(Topic)).Last());
    }

    [Fact]
    public async Task Several_tables_enter_one_stream_and_tell_their_names()
    {
        var connection = await postgres.DatabaseAsync("CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int PRIMARY KEY, y text); INSERT INTO a VALUES (1, 'ax'); INSERT INTO b VALUES (1, 'by')");
        var contract = Contract("""{"name":"id","type":"int"},{"name":"x","type":["null","string"],"default":null},{"name":"y","type":["null","string"],"default":null},{"name":"_table","type":"string"},{"name":"_lsn","type":"long"},{"name":"_index","type":"int"},{"name":"_txid","type":"long"},{"name":"_committed_at","type":{"type":"long","logicalType":"timestamp-millis"}}""");
        await using var ingestion = await StartAsync(Stream(connection, contract: contract, tables: ["public.a", "public.b"]));
        await CountAsync(ingestion, Topic, 2);
        await PostgresFixture.ExecuteAsync(connection, "BEGIN; UPDATE b SET y = 'bz'; DELETE FROM a; COMMIT");
        await CountAsync(ingestion, Topic, 4);
        var rows = Rows(ingestion.Log.Read(Topic), contract).Select(row => row.Split('|')).ToList();
        Assert.Equal(["public.a", "public.b", "public.b", "public.a"], rows.Select(row => row[3]));
        Assert.Equal(["-1", "-1", "0", "1"], rows.Select(row => row[5]));
        Assert.Equal(rows[2][4], rows[3][4]);
        Assert.True(long.Parse(rows[2][4]) >= long.Parse(rows[1][4]));
        Assert.True(long.Parse(rows[2][6]) > 0);
    }

    [Fact]
    public async Task A_source_that_is_switched_off_leaves_the_server_alone()
    {
        var connection = await postgres.DatabaseAsync("CREATE TABLE orders (id int PRIMARY KEY, state text, amount numeric)");
        await using var ingestion = await TestIngestion.StartAsync(Stream(connection), args: ["--MESH_REPLAY=off"], configure: services => services.AddSingleton<IChangeConnector>(new PostgresConnector(TimeProvider.System)));
        await ingestion.App.Services.GetRequiredService<Ingestion.Sources.SourcesService>().ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(60));
        await using var database = Npgsql.NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots WHERE database = current_database())");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_contract_that_deletions_cannot_fill_is_refused_before_anything_is_made_on_the_server()
    {
        var connection = await postgres.DatabaseAsync("CREATE TABLE orders (id int PRIMARY KEY, state text NOT NULL)");
        await using var ingestion = await StartAsync(Stream(connection, contract: Contract("""{"name":"id","type":"int"},{"name":"state","type":"string"}""")));
        var source = await ingestion.SettledSourceAsync();
        Assert.Contains("found the field 'state' without null or default, which deletions do not tell", source.GetProperty("error").GetString(), StringComparison.Ordinal);
        await using var database = Npgsql.NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand("SELECT count(*) FROM pg_publication");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    internal static AvroContract Contract(string fields) =>
        AvroContract.Parse($$"""{"type":"record","name":"Order","namespace":"shop","fields":[{{fields}},{"name":"_op","type":"string"}]}""");

    private static AvroContract Orders() => Contract("""{"name":"id","type":"int"},{"name":"state","type":["null","string"],"default":null},{"name":"amount","type":["null",{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}],"default":null}""");

    private static StreamDefinition Stream(string connection, AvroContract? contract = null, params string[] tables)
    {
        var database = new Npgsql.NpgsqlConnectionStringBuilder(connection).Database!;
        return new StreamDefinition
        {
            Pipeline = "shop",
            Name = "orders",
            Contract = contract ?? Orders(),
            Key = "id",
            Time = new EventTime("id", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30)),
            Sources =
            [
                new SourceDefinition
                {
                    Name = "orders",
                    Changes = new ChangeSettings
                    {
                        Connector = "postgres",
                        Connection = new ConnectionSecret { Text = connection },
                        Tables = tables.Length == 0 ? ["public.orders"] : tables,
                        Slot = $"mesh_{database}",
                        Publication = $"mesh_{database}",
                        Heartbeat = TimeSpan.FromMilliseconds(500),
                    },
                },
            ],
        };
    }

    private static Task<TestIngestion> StartAsync(StreamDefinition stream, MemoryLog? log = null, MemoryRecords? records = null) =>
        TestIngestion.StartAsync(stream, log, records, configure: services => services.AddSingleton<IChangeConnector>(new PostgresConnector(TimeProvider.System)));

    private static IEnumerable<string> Rows(IEnumerable<MemoryLog.Stored> stored, AvroContract? contract = null) => MemoryLog.Rows(stored, contract ?? Orders());

    private static IEnumerable<string> Values(IEnumerable<MemoryLog.Stored> stored, AvroContract contract)
    {
        var batch = new ColumnBatch(contract.Rows);
        foreach (var item in stored)
        {
            Assert.True(ConfluentFrame.TryRead(item.Payload, out _, out var payload));
            Assert.True(contract.TryDecode(payload, batch, out var error), error);
            yield return batch.Columns[1].GetValue(batch.Count - 1) switch
            {
                byte[] bytes => Convert.ToHexString(bytes),
                null => "null",
                var value => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
            };
        }
    }

    private static async Task CountAsync(TestIngestion ingestion, string topic, int count)
    {
        await UntilAsync(() => ingestion.Log.Count(topic) >= count, async () =>
        {
            var source = await ingestion.SourceAsync();
            return $"{ingestion.Log.Count(topic)} of {count} on {topic}; {source}; dead letters {string.Join(' ', ingestion.Log.Read($"{Topic}.dlq").Take(2).Select(letter => letter.Json.GetRawText()))}";
        });
        Assert.Equal(count, ingestion.Log.Count(topic));
    }

    private static async Task UntilAsync(Func<bool> reached, Func<Task<string>>? describe = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!reached())
        {
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(60))
                Assert.Fail(describe is null ? "not within 60 s" : await describe());
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
