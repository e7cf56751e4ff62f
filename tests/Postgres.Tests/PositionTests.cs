using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>Where reading goes on.</summary>
public sealed class PositionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Rows_written_while_the_first_read_runs_come_once_each()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 5000) i");
        using var stop = new CancellationTokenSource();
        var next = 5000;
        var writers = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await database.ExecuteAsync($"INSERT INTO t VALUES ({Interlocked.Increment(ref next)}, 1)");
        })));
        await using var feed = await database.OpenAsync(database.Settings("public.t"));
        await feed.ReadUntilAsync(position => position.Snapshot is null);
        var snapshot = feed.Lines.Count;
        await feed.ReadAsync(snapshot + 100);
        await stop.CancelAsync();
        await writers;
        var total = (int)await database.ScalarAsync<long>("SELECT count(*) FROM t");
        await feed.ReadAsync(total);
        Assert.Equal(total, feed.Lines.Count);
        Assert.Equal(total, feed.Lines.Select(line => line.Split(' ')[2].Split('|')[0]).Distinct().Count());
        Assert.All(feed.Lines.Take(snapshot), line => Assert.StartsWith("R", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_first_read_that_was_cut_short_goes_on_after_its_last_key()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (x text, n int, v text, PRIMARY KEY (n, x)); INSERT INTO a SELECT 'k' || i % 10, i / 10, 'a' FROM generate_series(0, 9999) i; CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b SELECT generate_series(1, 100)");
        var settings = database.Settings("public.a", "public.b");
        ChangePosition cut;
        List<string> lines;
        await using (var first = await database.OpenAsync(settings))
        {
            await first.ReadUntilAsync(position => position.Snapshot is { LastKey.Count: 2 });
            (cut, lines) = (first.Position, first.Lines);
        }

        await using var second = await database.ReopenAsync(settings, cut);
        Assert.False(second.Feed.Repeats);
        await second.ReadUntilAsync(position => position.Snapshot is null);
        Assert.Equal(10100, lines.Count + second.Lines.Count);
        Assert.Equal(10100, lines.Concat(second.Lines).Distinct().Count());
    }

    [Fact]
    public async Task A_large_transaction_comes_in_blocks_and_goes_on_in_its_middle()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE other (id int)");
        var settings = database.Settings("public.t") with { Snapshot = false };
        ChangePosition cut;
        var read = 0;
        await using (var first = await database.OpenAsync(settings))
        {
            await database.ExecuteAsync("INSERT INTO other VALUES (1)");
            await database.ExecuteAsync("INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(1, 200000) i");
            while (first.Exact.Transaction == 0)
                Assert.InRange(await first.ReadBlockAsync(), 0, 1000);
            Assert.InRange(await first.ReadBlockAsync(), 1, 1000);
            (cut, read) = (first.Exact, first.Lines.Count);
            Assert.Equal(read, cut.Index);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var second = await database.ReopenAsync(settings, cut);
        Assert.True(second.Feed.Repeats);
        var peak = before;
        while (second.Position.Lsn == cut.Lsn || second.Position.Transaction != 0)
        {
            await second.ReadBlockAsync();
            read += second.Lines.Count;
            if (second.Lines.Count > 0)
                Assert.StartsWith($"C public.t {read - second.Lines.Count + 1}|", second.Lines[0], StringComparison.Ordinal);
            second.Lines.Clear();
            second.Changes.Clear();
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
        }

        Assert.Equal(200000, read);
        Assert.True(peak - before < 150 << 20, $"{(peak - before) >> 20} MiB more");
    }

    [Fact]
    public async Task The_slot_moves_on_while_only_other_tables_change()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (v text)");
        await using var feed = await database.OpenAsync(database.Settings("public.t"));
        await feed.ReadUntilAsync(position => position.Snapshot is null);
        await database.ExecuteAsync("INSERT INTO other SELECT repeat('x', 100) FROM generate_series(1, 10000)");
        var written = await database.ScalarAsync<long>("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8");
        await feed.ReadUntilAsync(position => position.Lsn >= written);
        feed.Feed.Confirm(feed.Position);
        await database.WaitForAsync($"SELECT (confirmed_flush_lsn - '0/0'::pg_lsn) >= {written} FROM pg_replication_slots WHERE slot_name = '{database.Slot}'");
    }

    [Fact]
    public async Task The_server_keeps_what_is_not_confirmed_and_sends_it_again()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        var settings = database.Settings("public.t") with { Snapshot = false };
        ChangePosition confirmed;
        await using (var first = await database.OpenAsync(settings))
        {
            await database.ExecuteAsync("INSERT INTO t VALUES (1)");
            await first.ReadUntilAsync(position => position.Lsn > first.Feed.Start.Lsn);
            await first.ReadAsync(1);
            confirmed = first.Exact;
            first.Feed.Confirm(confirmed);
            await database.ExecuteAsync("INSERT INTO t VALUES (2)");
            await first.ReadAsync(2);
        }

        await using var second = await database.ReopenAsync(settings, confirmed);
        Assert.Equal(["C public.t 2"], await second.ReadAsync(1));
    }

    [Fact]
    public async Task A_table_that_is_added_is_read_first()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); INSERT INTO a VALUES (1); INSERT INTO b VALUES (7)");
        var settings = database.Settings("public.a");
        ChangePosition position;
        await using (var first = await database.OpenAsync(settings))
        {
            await first.ReadUntilAsync(position => position.Snapshot is null);
            position = first.Position;
        }

        await database.ExecuteAsync($"ALTER PUBLICATION {settings.Publication} ADD TABLE b");
        await using var second = await database.ReopenAsync(settings with { Tables = ["public.a", "public.b"] }, position);
        Assert.False(second.Feed.Repeats);
        await database.ExecuteAsync("INSERT INTO a VALUES (2)");
        Assert.Equal(["R public.b 7", "C public.a 2"], await second.ReadAsync(2));
    }

    [Fact]
    public async Task A_server_that_dies_ends_the_feed_with_the_reason_and_the_next_goes_on()
    {
        Assert.SkipWhen(RealTimeMesh.Testing.PostgresServer.Absent is not null, "PostgreSQL is not installed; apt-get install postgresql");
        await using var server = await RealTimeMesh.Testing.PostgresServer.StartAsync();
        await using var database = new TestDatabase(server.Connection, "postgres");
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        var settings = database.Settings("public.t");
        var feed = await database.OpenAsync(settings);
        await feed.ReadUntilAsync(position => position.Snapshot is null);
        await database.ExecuteAsync("INSERT INTO t VALUES (1)");
        await feed.ReadAsync(1);
        // The end of the transaction may not be here yet.
        var position = feed.Exact;
        await server.KillAsync();
        await Assert.ThrowsAsync<ChangeCaptureException>(() => feed.ReadUntilAsync(_ => false));
        await feed.DisposeAsync();
        await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, position));
        await server.StartAsync();
        await database.ExecuteAsync("INSERT INTO t VALUES (2)");
        await using var next = await database.ReopenAsync(settings, position);
        Assert.Equal("C public.t 2", (await next.ReadAsync(1))[^1]);
    }

    [Fact]
    public async Task A_server_that_hangs_ends_the_feed_after_the_timeout_and_does_not_hold_up_its_end()
    {
        Assert.SkipWhen(RealTimeMesh.Testing.PostgresServer.Absent is not null, "PostgreSQL is not installed; apt-get install postgresql");
        await using var server = await RealTimeMesh.Testing.PostgresServer.StartAsync();
        await using var database = new TestDatabase(server.Connection, "postgres");
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        var feed = await database.OpenAsync(database.Settings("public.t") with { Timeout = TimeSpan.FromSeconds(3) });
        await feed.ReadUntilAsync(position => position.Snapshot is null);
        await database.ExecuteAsync("INSERT INTO t VALUES (1)");
        await feed.ReadAsync(1);
        server.Signal("STOP");
        var stopped = TimeProvider.System.GetTimestamp();
        var fault = await Assert.ThrowsAsync<ChangeCaptureException>(() => feed.ReadUntilAsync(_ => false).WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.NotNull(fault.InnerException);
        Assert.InRange(TimeProvider.System.GetElapsedTime(stopped), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        await feed.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_feed_of_a_server_that_hangs_can_be_closed(bool drained)
    {
        Assert.SkipWhen(RealTimeMesh.Testing.PostgresServer.Absent is not null, "PostgreSQL is not installed; apt-get install postgresql");
        await using var server = await RealTimeMesh.Testing.PostgresServer.StartAsync();
        await using var database = new TestDatabase(server.Connection, "postgres");
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 500000)");
        var feed = await database.OpenAsync(database.Settings("public.t"));
        await feed.ReadBlockAsync();
        server.Signal("STOP");
        // With nothing left to take the feed waits in the middle of a read, which it asks the server to end.
        while (drained && await feed.TryReadBlockAsync(TimeSpan.FromSeconds(2)))
            continue;
        await feed.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }
}
