using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>What is refused, with the cure.</summary>
public sealed class SlotTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("CREATE TABLE t (id int)", "public.t", "no primary key")]
    [InlineData("CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t REPLICA IDENTITY NOTHING", "public.t", "REPLICA IDENTITY NOTHING")]
    [InlineData("CREATE VIEW t AS SELECT 1 AS id", "public.t", "a view")]
    [InlineData("CREATE UNLOGGED TABLE t (id int PRIMARY KEY)", "public.t", "an unlogged table")]
    [InlineData("SELECT 1", "public.nosuch", "no such table")]
    public async Task A_table_that_cannot_be_captured_is_refused_and_nothing_is_made(string sql, string table, string expected)
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync(sql);
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(database.Settings(table)));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>($"SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{database.Slot}')"));
    }

    [Fact]
    public async Task A_user_without_the_right_to_replicate_is_told_so()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN");
        var connection = database.Connection.Replace("Username=postgres", "Username=plain", StringComparison.Ordinal);
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => new PostgresConnector(TimeProvider.System).OpenAsync(database.Settings("public.t"), connection, null, AnyColumn.Set, CancellationToken.None));
        Assert.Contains("ALTER ROLE \"plain\" REPLICATION", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_logs_too_little_is_told_so()
    {
        Assert.SkipWhen(RealTimeMesh.Testing.PostgresServer.Absent is not null, "PostgreSQL is not installed; apt-get install postgresql");
        await using var server = await RealTimeMesh.Testing.PostgresServer.StartAsync("wal_level=replica");
        await using var database = new TestDatabase(server.Connection, "postgres");
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(database.Settings("public.t")));
        Assert.Contains("ALTER SYSTEM SET wal_level = logical", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_has_one_reader()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var first = await database.OpenAsync(database.Settings("public.t"));
        await database.WaitForAsync($"SELECT active FROM pg_replication_slots WHERE slot_name = '{database.Slot}'");
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(database.Settings("public.t"), first.Feed.Start));
        Assert.Contains("in use by process", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_that_is_gone_was_read_on_or_is_another_kind_is_no_silent_gap()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        var settings = database.Settings("public.t") with { Snapshot = false };
        ChangePosition start;
        await using (var feed = await database.OpenAsync(settings))
            start = feed.Feed.Start;
        await database.WaitForAsync($"SELECT NOT active FROM pg_replication_slots WHERE slot_name = '{database.Slot}'");
        await database.ExecuteAsync("INSERT INTO t VALUES (1)");
        await database.ExecuteAsync($"SELECT pg_replication_slot_advance('{database.Slot}', pg_current_wal_lsn())");
        var ahead = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, start));
        Assert.Contains("bytes of log were read by another", ahead.Message, StringComparison.Ordinal);
        await database.ExecuteAsync($"SELECT pg_drop_replication_slot('{database.Slot}')");
        var gone = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, start));
        Assert.Contains("found none, though changes up to", gone.Message, StringComparison.Ordinal);
        await database.ExecuteAsync($"SELECT pg_create_physical_replication_slot('{database.Slot}')");
        var kind = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, start));
        Assert.Contains("found a physical slot", kind.Message, StringComparison.Ordinal);
        await database.ExecuteAsync($"SELECT pg_drop_replication_slot('{database.Slot}')");
        var other = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, start with { Database = "7/7" }));
        Assert.Contains("whose changes were read before", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_whose_log_the_server_has_removed_is_lost()
    {
        Assert.SkipWhen(RealTimeMesh.Testing.PostgresServer.Absent is not null, "PostgreSQL is not installed; apt-get install postgresql");
        await using var server = await RealTimeMesh.Testing.PostgresServer.StartAsync("max_slot_wal_keep_size=1MB", "min_wal_size=32MB", "max_wal_size=64MB");
        await using var database = new TestDatabase(server.Connection, "postgres");
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE filler (v text)");
        var settings = database.Settings("public.t");
        ChangePosition start;
        await using (var feed = await database.OpenAsync(settings))
            start = feed.Feed.Start;
        await database.WaitForAsync($"SELECT NOT active FROM pg_replication_slots WHERE slot_name = '{database.Slot}'");
        for (var i = 0; i < 5; i++)
        {
            await database.ExecuteAsync("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 30000)");
            await database.ExecuteAsync("SELECT pg_switch_wal()");
            await database.ExecuteAsync("CHECKPOINT");
        }

        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, start));
        Assert.Contains("found it lost", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publication_that_is_there_must_send_all_that_is_wanted()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync($"CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); CREATE PUBLICATION pub_{database.Slot[5..]} FOR TABLE u WITH (publish = 'insert')");
        var settings = database.Settings("public.t");
        var operations = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings));
        Assert.Contains("does not send update, delete, truncate", operations.Message, StringComparison.Ordinal);
        await database.ExecuteAsync($"ALTER PUBLICATION {settings.Publication} SET (publish = 'insert, update, delete, truncate')");
        var tables = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings));
        Assert.Contains("found it without public.t", tables.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=5", "cannot connect")]
    [InlineData("postgres://u:secret@127.0.0.1:1/x", "cannot connect")]
    [InlineData("this is secret none", "no connection string")]
    public async Task A_server_that_cannot_be_reached_is_named_without_the_password(string connection, string expected)
    {
        await using var database = await postgres.DatabaseAsync();
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => new PostgresConnector(TimeProvider.System).OpenAsync(database.Settings("public.t"), connection, null, AnyColumn.Set, CancellationToken.None));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault.Message, StringComparison.Ordinal);
    }
}
