using System.Globalization;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>Roads to the server that break: what was read and what is read next add up to everything, once each.</summary>
public sealed class ConnectionTests(PostgresFixture postgres)
{
    private const int Rows = 30_000;

    [Theory]
    [InlineData(40_000)]
    [InlineData(400_000)]
    [InlineData(1_500_000)]
    public async Task A_reset_during_the_first_read_costs_nothing(int bytes)
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync($"CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, repeat('x', 50) FROM generate_series(1, {Rows}) i");
        await using var proxy = new BreakableProxy(postgres.Server.Port);
        var settings = database.Settings("public.t");
        var (kept, position) = await ReadUntilBrokenAsync(database, proxy, settings, null, () => proxy.BreakAfter(bytes));
        await using var next = await AgainAsync(database, settings, position);
        await next.ReadUntilAsync(at => at.Snapshot is null);
        // What was read behind the last recorded key comes again, under the same key.
        Assert.Equal(Enumerable.Range(1, Rows), kept.Concat(next.Lines.Select(Id)).Distinct().Order());
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(700_000)]
    [InlineData(2_500_000)]
    public async Task A_reset_within_a_transaction_costs_nothing_and_doubles_nothing(int bytes)
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        await using var proxy = new BreakableProxy(postgres.Server.Port);
        var settings = database.Settings("public.t") with { Snapshot = false };
        var (kept, position) = await ReadUntilBrokenAsync(database, proxy, settings, null, () =>
        {
            proxy.BreakAfter(bytes);
            return database.ExecuteAsync($"INSERT INTO t SELECT i, repeat('x', 50) FROM generate_series(1, {Rows}) i");
        });
        await using var next = await AgainAsync(database, settings, position);
        await next.ReadAsync(Rows - kept.Count);
        Assert.Equal(Enumerable.Range(1, Rows), kept.Concat(next.Lines.Select(Id)));
    }

    [Fact]
    public async Task A_reset_as_a_position_is_confirmed_loses_nothing()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        await using var proxy = new BreakableProxy(postgres.Server.Port);
        var settings = database.Settings("public.t") with { Snapshot = false };
        ChangePosition? position = null;
        List<int> ids = [];
        for (var round = 0; round < 10; round++)
        {
            await using var feed = await AgainAsync(database, settings, position, proxy.Port);
            await database.ExecuteAsync($"INSERT INTO t SELECT i, 'x' FROM generate_series({(round * 20) + 1}, {(round * 20) + 20}) i");
            await feed.ReadAsync(20);
            await feed.ReadUntilAsync(at => at.Lsn > feed.Changes[^1].Lsn);
            ids.AddRange(feed.Lines.Select(Id));
            position = feed.Position;
            // Whether the server hears of it is left to chance: both are right.
            feed.Feed.Confirm(position);
            if (round % 2 == 0)
                await Task.Yield();
            proxy.Reset();
            await Assert.ThrowsAsync<ChangeCaptureException>(() => feed.ReadUntilAsync(_ => false));
        }

        Assert.Equal(Enumerable.Range(1, 200), ids);
    }

    [Fact]
    public async Task A_road_that_falls_silent_ends_the_feed_after_the_timeout_and_nothing_is_lost()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        await using var proxy = new BreakableProxy(postgres.Server.Port);
        var settings = database.Settings("public.t") with { Snapshot = false, Timeout = TimeSpan.FromSeconds(10) };
        ChangePosition position;
        await using (var feed = await AgainAsync(database, settings, null, proxy.Port))
        {
            await database.ExecuteAsync("INSERT INTO t VALUES (1, 'x')");
            await feed.ReadAsync(1);
            await feed.ReadUntilAsync(at => at.Lsn > feed.Changes[^1].Lsn);
            position = feed.Position;
            proxy.Silence();
            await database.ExecuteAsync("INSERT INTO t VALUES (2, 'x')");
            await Assert.ThrowsAsync<ChangeCaptureException>(() => feed.ReadUntilAsync(_ => false));
        }

        // The server still waits for the old reader, and says so.
        await database.WaitForAsync($"SELECT active FROM pg_replication_slots WHERE slot_name = '{database.Slot}'");
        var taken = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, position));
        Assert.Contains("in use by process", taken.Message, StringComparison.Ordinal);
        proxy.Reset();
        await using var next = await AgainAsync(database, settings, position);
        Assert.Equal(["C public.t 2|x"], await next.ReadAsync(1));
    }

    [Fact]
    public async Task A_connection_that_only_the_server_believes_in_holds_the_slot_and_then_nothing_is_lost()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        await using var proxy = new BreakableProxy(postgres.Server.Port);
        var settings = database.Settings("public.t") with { Snapshot = false };
        ChangePosition position;
        await using (var feed = await AgainAsync(database, settings, null, proxy.Port))
        {
            await database.WaitForAsync($"SELECT active FROM pg_replication_slots WHERE slot_name = '{database.Slot}'");
            position = feed.Position;
            proxy.ResetClient();
            await Assert.ThrowsAsync<ChangeCaptureException>(() => feed.ReadUntilAsync(_ => false));
        }

        await database.ExecuteAsync("INSERT INTO t VALUES (1, 'x')");
        var taken = await Assert.ThrowsAsync<ChangeCaptureException>(() => database.OpenAsync(settings, position));
        Assert.Contains("in use by process", taken.Message, StringComparison.Ordinal);
        proxy.Reset();
        await using var next = await AgainAsync(database, settings, position);
        Assert.Equal(["C public.t 1|x"], await next.ReadAsync(1));
    }

    /// <summary>Reads by the proxy until it breaks; what was read up to the last position that would be stored, and that position.</summary>
    private static async Task<(List<int> Kept, ChangePosition Position)> ReadUntilBrokenAsync(TestDatabase database, BreakableProxy proxy, ChangeSettings settings, ChangePosition? position, Func<Task> begin)
    {
        await using var feed = await AgainAsync(database, settings, position, proxy.Port);
        await begin();
        await Assert.ThrowsAsync<ChangeCaptureException>(() => feed.ReadUntilAsync(_ => false));
        await proxy.Broken.WaitAsync(TimeSpan.FromSeconds(60));
        return ([.. feed.Lines.Select(Id)], feed.Exact);
    }

    private static Task<(List<int> Kept, ChangePosition Position)> ReadUntilBrokenAsync(TestDatabase database, BreakableProxy proxy, ChangeSettings settings, ChangePosition? position, Action begin) =>
        ReadUntilBrokenAsync(database, proxy, settings, position, () =>
        {
            begin();
            return Task.CompletedTask;
        });

    /// <summary>Opens once the server has freed the slot, directly or by a proxy.</summary>
    private static async Task<FeedReader> AgainAsync(TestDatabase database, ChangeSettings settings, ChangePosition? position, int? port = null)
    {
        await database.WaitForAsync($"SELECT count(*) = 0 FROM pg_replication_slots WHERE active AND slot_name = '{settings.Slot}'");
        var connection = port is { } by ? database.Connection.Replace(string.Create(CultureInfo.InvariantCulture, $"Port={new Npgsql.NpgsqlConnectionStringBuilder(database.Connection).Port}"), string.Create(CultureInfo.InvariantCulture, $"Port={by}"), StringComparison.Ordinal) : database.Connection;
        return new FeedReader(await new PostgresConnector(TimeProvider.System).OpenAsync(settings, $"{connection};Pooling=false", position, AnyColumn.Set, CancellationToken.None));
    }

    private static int Id(string line) => int.Parse(line.Split(' ')[2].Split('|')[0], CultureInfo.InvariantCulture);
}
