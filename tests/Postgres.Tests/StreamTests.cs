using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>What a feed makes of changes.</summary>
public sealed class StreamTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Rows_that_are_there_come_first_and_changes_follow_in_the_order_of_commits()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY, state text, amount numeric(10,2)); INSERT INTO orders VALUES (1, 'new', 9.90), (2, NULL, NULL)");
        await using var feed = await database.OpenAsync(database.Settings("public.orders"));
        await feed.ReadUntilAsync(position => position.Snapshot is null);
        await database.ExecuteAsync("BEGIN; INSERT INTO orders VALUES (3, 'new', 1); UPDATE orders SET state = 'paid' WHERE id = 1; COMMIT; DELETE FROM orders WHERE id = 2");
        Assert.Equal(
            ["R public.orders 1|new|9.90", "R public.orders 2|∅|∅", "C public.orders 3|new|1.00", "U public.orders 1|paid|9.90", "D public.orders 2|Absent|Absent"],
            await feed.ReadAsync(5));
        Assert.Equal([-1, -1, 0, 1, 0], feed.Changes.Select(change => change.Index));
        Assert.True(feed.Changes[4].Lsn > feed.Changes[3].Lsn && feed.Changes[3].Lsn == feed.Changes[2].Lsn && feed.Changes[2].Lsn >= feed.Changes[1].Lsn);
    }

    [Fact]
    public async Task An_update_of_the_key_is_a_deletion_and_an_insertion()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY, v text); CREATE TABLE b (id int PRIMARY KEY, v text); ALTER TABLE b REPLICA IDENTITY FULL; INSERT INTO a VALUES (1, 'x'); INSERT INTO b VALUES (1, 'x')");
        await using var feed = await database.OpenAsync(database.Settings("public.a", "public.b") with { Snapshot = false });
        await database.ExecuteAsync("UPDATE a SET id = 2; UPDATE b SET id = 2; UPDATE b SET v = 'y'; DELETE FROM b");
        Assert.Equal(["D public.a 1|Absent", "C public.a 2|x", "D public.b 1|x", "C public.b 2|x", "U public.b 2|y", "D public.b 2|y"], await feed.ReadAsync(6));
        Assert.Equal([0, 1, 2, 3, 4, 5], feed.Changes.Select(change => change.Index));
    }

    [Fact]
    public async Task A_truncation_is_told_for_each_table()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a); CREATE TABLE other (id int)");
        await using var feed = await database.OpenAsync(database.Settings("public.a", "public.b"));
        await database.ExecuteAsync("INSERT INTO a VALUES (1); TRUNCATE a CASCADE; INSERT INTO other VALUES (1); INSERT INTO a VALUES (2)");
        var lines = await feed.ReadAsync(4);
        Assert.Equal("C public.a 1", lines[0]);
        Assert.Equal(["T public.a", "T public.b"], lines.Skip(1).Take(2).Order());
        Assert.Equal("C public.a 2", lines[3]);
    }

    [Fact]
    public async Task A_large_value_that_an_update_left_alone_is_read_again()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (a int, b text, big text, n int, PRIMARY KEY (a, b)); ALTER TABLE t ALTER big SET STORAGE EXTERNAL; INSERT INTO t VALUES (1, 'k', repeat('x', 9000), 0), (2, 'k', repeat('y', 9000), 0)");
        await using var feed = await database.OpenAsync(database.Settings("public.t") with { Snapshot = false });
        await database.ExecuteAsync("UPDATE t SET n = 1");
        await database.ExecuteAsync("UPDATE t SET b = 'moved' WHERE a = 1");
        var lines = await feed.ReadAsync(4);
        Assert.Equal($"U public.t 2|k|{new string('y', 9000)}|1", lines.Single(line => line.StartsWith("U public.t 2", StringComparison.Ordinal)));
        Assert.Equal("D public.t 1|k|Absent|Absent", lines[2]);
        Assert.Equal($"C public.t 1|moved|{new string('x', 9000)}|1", lines[3]);
    }

    [Fact]
    public async Task A_large_value_of_a_row_that_is_gone_is_lost_and_its_deletion_follows()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, big text, n int); ALTER TABLE t ALTER big SET STORAGE EXTERNAL; INSERT INTO t VALUES (1, repeat('x', 9000), 0)");
        var settings = database.Settings("public.t") with { Snapshot = false };
        var start = (await database.OpenAsync(settings)).Feed;
        await start.DisposeAsync();
        await database.ExecuteAsync("UPDATE t SET n = 1");
        await database.ExecuteAsync("DELETE FROM t");
        await using var feed = await database.ReopenAsync(settings, start.Start);
        Assert.Equal(["U public.t 1|Lost|1", "D public.t 1|Absent|Absent"], await feed.ReadAsync(2));
    }

    [Fact]
    public async Task A_large_value_comes_from_the_old_row_where_whole_rows_are_logged()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, big text, n int); ALTER TABLE t ALTER big SET STORAGE EXTERNAL; ALTER TABLE t REPLICA IDENTITY FULL; INSERT INTO t VALUES (1, repeat('x', 9000), 0)");
        var settings = database.Settings("public.t") with { Snapshot = false };
        var start = (await database.OpenAsync(settings)).Feed;
        await start.DisposeAsync();
        await database.ExecuteAsync("UPDATE t SET n = 1; UPDATE t SET id = 5");
        await database.ExecuteAsync("DELETE FROM t");
        await using var feed = await database.ReopenAsync(settings, start.Start);
        var big = new string('x', 9000);
        Assert.Equal([$"U public.t 1|{big}|1", $"D public.t 1|{big}|1", $"C public.t 5|{big}|1", $"D public.t 5|{big}|1"], await feed.ReadAsync(4));
    }

    [Fact]
    public async Task Columns_that_come_and_go_show_in_the_table_of_later_changes()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        await using var feed = await database.OpenAsync(database.Settings("public.t") with { Snapshot = false });
        await database.ExecuteAsync("INSERT INTO t VALUES (1, 'a')");
        await database.ExecuteAsync("ALTER TABLE t ADD w int DEFAULT 7");
        await database.ExecuteAsync("INSERT INTO t VALUES (2, 'b')");
        await database.ExecuteAsync("ALTER TABLE t RENAME v TO u");
        await database.ExecuteAsync("INSERT INTO t VALUES (3, 'c')");
        await database.ExecuteAsync("ALTER TABLE t DROP u");
        await database.ExecuteAsync("INSERT INTO t VALUES (4)");
        Assert.Equal(["C public.t 1|a", "C public.t 2|b|7", "C public.t 3|c|7", "C public.t 4|7"], await feed.ReadAsync(4));
        Assert.Equal(["id,v", "id,v,w", "id,u,w", "id,w"], feed.Changes.Select(change => string.Join(',', change.Table!.Columns.Select(column => column.Name))));
    }

    [Fact]
    public async Task Partitions_speak_as_their_table()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); INSERT INTO t VALUES (1, '2024-05-05')");
        await using var feed = await database.OpenAsync(database.Settings("public.t"));
        await feed.ReadUntilAsync(position => position.Snapshot is null);
        await database.ExecuteAsync("INSERT INTO t VALUES (2, '2024-06-06')");
        Assert.Equal(["R public.t 1|2024-05-05", "C public.t 2|2024-06-06"], await feed.ReadAsync(2));
    }

    [Fact]
    public async Task Schemas_and_names_that_need_quotes_are_captured()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("""CREATE SCHEMA "my Sales"; CREATE TABLE "my Sales"."Or""ders" ("Id" int PRIMARY KEY, "a,b" text); INSERT INTO "my Sales"."Or""ders" VALUES (1, 'x')""");
        await using var feed = await database.OpenAsync(database.Settings("my Sales.Or\"ders"));
        await feed.ReadUntilAsync(position => position.Snapshot is null);
        await database.ExecuteAsync("""UPDATE "my Sales"."Or""ders" SET "a,b" = 'ü'""");
        Assert.Equal(["R my Sales.Or\"ders 1|x", "U my Sales.Or\"ders 1|ü"], await feed.ReadAsync(2));
    }
}
