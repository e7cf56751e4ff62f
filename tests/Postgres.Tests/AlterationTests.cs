using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>What is altered on the server while changes are read.</summary>
public sealed class AlterationTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("ALTER PUBLICATION {0} DROP TABLE t", "ALTER PUBLICATION {0} ADD TABLE t")]
    [InlineData("ALTER PUBLICATION {0} SET (publish = 'insert')", "SELECT 1")]
    [InlineData("ALTER PUBLICATION {0} SET TABLE t WHERE (id > 5)", "SELECT 1")]
    [InlineData("DROP PUBLICATION {0}", "CREATE PUBLICATION {0} FOR TABLE t")]
    [InlineData("DROP TABLE t", "CREATE TABLE t (id int PRIMARY KEY, v text); ALTER PUBLICATION {0} ADD TABLE t")]
    public async Task A_publication_that_no_longer_sends_a_table_ends_the_feed_and_is_no_silent_gap_later(string alter, string restore)
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY)");
        var settings = database.Settings("public.t");
        ChangePosition position;
        await using (var feed = await database.OpenAsync(settings))
        {
            await feed.ReadUntilAsync(at => at.Snapshot is null);
            await database.ExecuteAsync("INSERT INTO t VALUES (1, 'a')");
            await feed.ReadAsync(1);
            await feed.ReadUntilAsync(at => at.Lsn > feed.Changes[^1].Lsn);
            position = feed.Position;
            // Whichever notices first: the guard, or the server that misses its publication.
            await database.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, alter, settings.Publication));
            var noticed = await Assert.ThrowsAsync<ChangeCaptureException>(() => feed.ReadUntilAsync(_ => false));
            Assert.Contains("publi", noticed.Message, StringComparison.Ordinal);
        }

        await database.WaitForAsync($"SELECT NOT active FROM pg_replication_slots WHERE slot_name = '{settings.Slot}'");
        await database.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, restore, settings.Publication));
        await database.ExecuteAsync("INSERT INTO t VALUES (7, 'b')");
        await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, position));
        await database.ExecuteAsync($"ALTER PUBLICATION {settings.Publication} SET (publish = 'insert, update, delete, truncate')");
        await database.ExecuteAsync($"ALTER PUBLICATION {settings.Publication} SET TABLE t");
        await using var again = await database.OpenAsync(settings with { Lost = LostLog.Snapshot }, position);
        await again.ReadUntilAsync(at => at.Snapshot is null);
        Assert.Equal("T public.t", again.Lines[0]);
        Assert.Equal("R public.t 7|b", again.Lines[^1]);
    }

    [Fact]
    public async Task A_table_that_joins_the_publication_disturbs_nobody()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)");
        var settings = database.Settings("public.t");
        ChangePosition position;
        await using (var feed = await database.OpenAsync(settings))
        {
            await feed.ReadUntilAsync(at => at.Snapshot is null);
            await database.ExecuteAsync($"ALTER PUBLICATION {settings.Publication} SET TABLE u, t");
            await database.ExecuteAsync("INSERT INTO u VALUES (1); INSERT INTO t VALUES (1)");
            Assert.Equal(["C public.t 1"], await feed.ReadAsync(1));
            await feed.ReadUntilAsync(at => at.Lsn > feed.Changes[^1].Lsn);
            position = feed.Position;
        }

        await using var next = await database.ReopenAsync(settings, position);
        await database.ExecuteAsync("INSERT INTO t VALUES (2)");
        Assert.Equal("C public.t 2", (await next.ReadAsync(1))[^1]);
    }

    [Fact]
    public async Task A_type_that_changes_shows_in_later_changes()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v int, w text)");
        await using var feed = await database.OpenAsync(database.Settings("public.t") with { Snapshot = false });
        await database.ExecuteAsync("INSERT INTO t VALUES (1, 5, '7')");
        await database.ExecuteAsync("ALTER TABLE t ALTER v TYPE text USING 'v' || v, ALTER w TYPE bigint USING w::bigint");
        await database.ExecuteAsync("INSERT INTO t VALUES (2, 'x', 8)");
        await database.ExecuteAsync("ALTER TABLE t ALTER v TYPE timestamptz USING now()");
        await database.ExecuteAsync("INSERT INTO t VALUES (3, '2024-01-01 00:00:00+02', 9)");
        Assert.Equal(["C public.t 1|5|7", "C public.t 2|x|8", "C public.t 3|2023-12-31 22:00:00+00|9"], await feed.ReadAsync(3));
        Assert.Equal(
            [(ChangeKind.Int32, ChangeKind.Text), (ChangeKind.Text, ChangeKind.Int64), (ChangeKind.Timestamp, ChangeKind.Int64)],
            feed.Changes.Select(change => (change.Table!.Columns[1].Kind, change.Table.Columns[2].Kind)));
    }

    [Fact]
    public async Task An_identity_that_changes_while_changes_are_read_holds_from_there_on()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL UNIQUE, v text)");
        var settings = database.Settings("public.t") with { Snapshot = false };
        ChangePosition position;
        await using (var feed = await database.OpenAsync(settings))
        {
            await database.ExecuteAsync("INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c')");
            await database.ExecuteAsync("DELETE FROM t WHERE id = 1; ALTER TABLE t REPLICA IDENTITY FULL");
            await database.ExecuteAsync("DELETE FROM t WHERE id = 2; ALTER TABLE t REPLICA IDENTITY USING INDEX t_k_key");
            await database.ExecuteAsync("DELETE FROM t WHERE id = 3");
            Assert.Equal(["D public.t 1|Absent|Absent", "D public.t 2|20|b", "D public.t Absent|30|Absent"], (await feed.ReadAsync(6)).Skip(3));
            await feed.ReadUntilAsync(at => at.Transaction == 0 && at.Lsn > feed.Changes[^1].Lsn);
            position = feed.Position;
        }

        // Nothing: the server refuses the application's own updates, so no change can be missing; reading on is refused.
        await database.ExecuteAsync("ALTER TABLE t REPLICA IDENTITY NOTHING");
        await database.WaitForAsync($"SELECT NOT active FROM pg_replication_slots WHERE slot_name = '{settings.Slot}'");
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, position));
        Assert.Contains("REPLICA IDENTITY NOTHING", fault.Message, StringComparison.Ordinal);
        await database.ExecuteAsync("ALTER TABLE t REPLICA IDENTITY DEFAULT; INSERT INTO t VALUES (4, 40, 'd')");
        await using var next = await database.OpenAsync(settings, position);
        Assert.Equal(["C public.t 4|40|d"], await next.ReadAsync(1));
    }

    [Fact]
    public async Task Odd_values_are_the_same_text_from_the_table_and_from_the_log()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("""
            CREATE TYPE mood AS ENUM ('très bien', 'so "so"'); CREATE DOMAIN cents AS numeric(12,2) CHECK (VALUE <> 13); CREATE TYPE pair AS (a int, b text);
            CREATE TABLE t (id int PRIMARY KEY, a int[], b text[], c jsonb, d numeric, e numeric, f timestamptz, g timestamp, h date, i bytea, j mood[], k cents, l pair, m tsrange, n point, o float8, p bool[], q int GENERATED ALWAYS AS (id * 2) STORED, r money, s inet, u bit varying)
            """);
        const string row = """
            (:id, '{{1,2},{3,NULL}}', ARRAY['a,b', 'c"d', NULL, 'ü\', ''], '{"a": [1, 2.50, null, "\u20ac"]}', 'NaN', '-Infinity', 'infinity', '-infinity', '0044-03-15 BC', '\x00ff5c27', ARRAY['très bien', 'so "so"']::mood[], 12.5, ROW(1, 'x,y'), '[2024-01-01,2024-01-02)', '(1,2)', '-0.1', '{t,f,NULL}', DEFAULT, '$1,234.50', '::1/128', B'101')
            """;
        await database.ExecuteAsync($"INSERT INTO t VALUES {row.Replace(":id", "1", StringComparison.Ordinal)}");
        await using var feed = await database.OpenAsync(database.Settings("public.t"));
        await feed.ReadUntilAsync(at => at.Snapshot is null);
        await database.ExecuteAsync($"INSERT INTO t VALUES {row.Replace(":id", "2", StringComparison.Ordinal)}");
        var lines = await feed.ReadAsync(2);
        Assert.Equal(lines[0]["R public.t 1|".Length..], lines[1]["C public.t 2|".Length..]);
        Assert.StartsWith("""R public.t 1|{{1,2},{3,NULL}}|{"a,b","c\"d",NULL,"ü\\",""}|""", lines[0], StringComparison.Ordinal);
        Assert.Contains("""|NaN|-Infinity|infinity|-infinity|0044-03-15 BC|\x00ff5c27|{"très bien","so \"so\""}|12.50|(1,"x,y")|""", lines[0], StringComparison.Ordinal);
        // A column that the server makes of others is not in the log: it is left out of both.
        Assert.DoesNotContain(feed.Feed.Tables[0].Columns, column => column.Name == "q");
    }

    [Fact]
    public async Task Two_databases_of_one_server_are_read_side_by_side()
    {
        await using var one = await postgres.DatabaseAsync();
        await using var two = await postgres.DatabaseAsync();
        foreach (var database in (TestDatabase[])[one, two])
            await database.ExecuteAsync($"CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '{database.Slot}')");
        await using var first = await one.OpenAsync(one.Settings("public.t"));
        await using var second = await two.OpenAsync(two.Settings("public.t"));
        await one.ExecuteAsync("INSERT INTO t VALUES (2, 'one')");
        await two.ExecuteAsync("INSERT INTO t VALUES (2, 'two')");
        Assert.Equal([$"R public.t 1|{one.Slot}", "C public.t 2|one"], await first.ReadAsync(2));
        Assert.Equal([$"R public.t 1|{two.Slot}", "C public.t 2|two"], await second.ReadAsync(2));
        // A slot belongs to one database.
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => one.OpenAsync(one.Settings("public.t") with { Slot = two.Slot }));
        Assert.Contains("found it in database", fault.Message, StringComparison.Ordinal);
    }
}
