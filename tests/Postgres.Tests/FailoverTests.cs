using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>Another server takes over: nothing is passed over without a word.</summary>
public sealed class FailoverTests
{
    [Fact]
    public async Task A_standby_without_the_slot_is_refused_by_name_or_the_tables_are_read_again_where_that_is_wanted()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        await using var primary = await PostgresServer.StartAsync();
        await using var before = new TestDatabase(primary.Connection, "postgres");
        await before.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        var settings = before.Settings("public.t");
        await using var standby = await PostgresServer.StandbyAsync(primary);
        var position = await ReadAsync(before, settings, "INSERT INTO t VALUES (3, 'c')", 3);
        await using var after = new TestDatabase(standby.Connection, "postgres");
        await after.WaitForAsync("SELECT count(*) = 3 FROM t");
        await primary.KillAsync();
        await PromoteAsync(after);
        await after.ExecuteAsync("DELETE FROM t WHERE id = 1; UPDATE t SET v = 'd' WHERE id = 2");
        var gone = await Assert.ThrowsAsync<ChangeCaptureException>(() => after.OpenAsync(settings, position));
        Assert.True(gone.LogIsLost);
        Assert.Contains($"slot {settings.Slot}: found none, though changes up to", gone.Message, StringComparison.Ordinal);
        Assert.Contains("Set 'lost: snapshot'", gone.Message, StringComparison.Ordinal);

        await using var again = await after.OpenAsync(settings with { Lost = LostLog.Snapshot, Snapshot = false }, position);
        Assert.False(again.Feed.Repeats);
        await again.ReadUntilAsync(at => at.Snapshot is null);
        await after.ExecuteAsync("INSERT INTO t VALUES (4, 'e')");
        Assert.Equal(["T public.t", "R public.t 2|d", "R public.t 3|c", "C public.t 4|e"], await again.ReadAsync(4));
        // In order: emptied, then the rows, and all behind what was read before.
        Assert.Equal([-2, -1, -1, 0], again.Changes.Select(change => change.Index));
        Assert.All(again.Changes, change => Assert.True(change.Lsn > position.Lsn));
    }

    [Fact]
    public async Task A_standby_that_lacks_what_was_read_is_refused_though_it_has_a_slot_of_the_name()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        await using var primary = await PostgresServer.StartAsync();
        await using var before = new TestDatabase(primary.Connection, "postgres");
        await before.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        var settings = before.Settings("public.t");
        await using var standby = await PostgresServer.StandbyAsync(primary);
        await using var after = new TestDatabase(standby.Connection, "postgres");
        await (await before.OpenAsync(settings)).DisposeAsync();
        await before.WaitForAsync($"SELECT NOT active FROM pg_replication_slots WHERE slot_name = '{settings.Slot}'");
        await after.WaitForAsync("SELECT count(*) = 1 FROM pg_publication");
        // The standby is cut off; the primary is read further and dies.
        await standby.KillAsync();
        var position = await ReadAsync(before, settings, "INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 10000) i", 10_000, first: true);
        await primary.KillAsync();
        await standby.StartAsync();
        await PromoteAsync(after);
        await after.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{settings.Slot}', 'pgoutput')");
        await after.ExecuteAsync("INSERT INTO t VALUES (-1, 'written by the new server')");
        var behind = await Assert.ThrowsAsync<ChangeCaptureException>(() => after.OpenAsync(settings, position));
        Assert.True(behind.LogIsLost);
        Assert.Contains("it left timeline 1 at", behind.Message, StringComparison.Ordinal);
        // To read again now would put newer rows before older ones.
        var early = await Assert.ThrowsAsync<ChangeCaptureException>(() => after.OpenAsync(settings with { Lost = LostLog.Snapshot }, position));
        Assert.Contains("expected it beyond", early.Message, StringComparison.Ordinal);

        await after.ExecuteAsync("INSERT INTO t SELECT -i, repeat('y', 100) FROM generate_series(2, 20000) i");
        var still = await Assert.ThrowsAsync<ChangeCaptureException>(() => after.OpenAsync(settings, position));
        Assert.Contains("it left timeline 1 at", still.Message, StringComparison.Ordinal);
        await using var again = await after.OpenAsync(settings with { Lost = LostLog.Snapshot }, position);
        await again.ReadUntilAsync(at => at.Snapshot is null);
        Assert.Equal(20_001, again.Lines.Count);
        Assert.All(again.Changes, change => Assert.True(change.Lsn > position.Lsn));
    }

    [Fact]
    public async Task A_standby_that_has_all_and_the_slot_goes_on()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        await using var primary = await PostgresServer.StartAsync();
        await using var before = new TestDatabase(primary.Connection, "postgres");
        await before.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        var settings = before.Settings("public.t");
        await using var standby = await PostgresServer.StandbyAsync(primary);
        await using var after = new TestDatabase(standby.Connection, "postgres");
        var position = await ReadAsync(before, settings, "INSERT INTO t VALUES (1, 'a')", 1, first: true);
        var written = await before.ScalarAsync<long>("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8");
        await after.WaitForAsync($"SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn) >= {Math.Max(written, position.Lsn)}");
        await before.ExecuteAsync("CHECKPOINT");
        await primary.KillAsync();
        await standby.KillAsync();
        await standby.TakeSlotAsync(primary, settings.Slot);
        await standby.StartAsync();
        await PromoteAsync(after);
        await after.ExecuteAsync("INSERT INTO t VALUES (2, 'b')");
        await using var next = await after.OpenAsync(settings, position);
        Assert.True(next.Feed.Repeats);
        Assert.Equal(["C public.t 2|b"], await next.ReadAsync(1));
        Assert.Equal((1, 2), (position.Timeline, next.Position.Timeline));
    }

    private static async Task<ChangePosition> ReadAsync(TestDatabase database, ChangeSettings settings, string sql, int changes, bool first = false)
    {
        await using var feed = await database.OpenAsync(settings with { Snapshot = !first });
        if (!first)
            await feed.ReadUntilAsync(at => at.Snapshot is null);
        await database.ExecuteAsync(sql);
        await feed.ReadAsync(changes);
        await feed.ReadUntilAsync(at => at.Lsn > feed.Changes[^1].Lsn);
        return feed.Position;
    }

    private static async Task PromoteAsync(TestDatabase standby)
    {
        await standby.ExecuteAsync("SELECT pg_promote()");
        await standby.WaitForAsync("SELECT NOT pg_is_in_recovery()");
    }
}
