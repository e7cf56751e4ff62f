using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace RealTimeMesh.Sqlite.Tests;

public sealed class HostsTests : IDisposable
{
    private static readonly Action Unexpected = () => Assert.Fail("nobody took the address over");

    private readonly Databases _databases = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public async Task Host_is_found_by_all_who_share_the_database_until_it_is_taken_out()
    {
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        var registration = await one.RegisterAsync("app", "127.0.0.1:1", Unexpected, CancellationToken.None);
        await using var replica = await two.RegisterAsync("app", "127.0.0.1:2", Unexpected, CancellationToken.None);
        await using var other = await two.RegisterAsync("other", "127.0.0.1:3", Unexpected, CancellationToken.None);
        Assert.Equal(["127.0.0.1:1", "127.0.0.1:2"], await two.FindAsync("app", CancellationToken.None));
        Assert.Equal(["127.0.0.1:3"], await one.FindAsync("other", CancellationToken.None));
        Assert.Empty(await one.FindAsync("nobody", CancellationToken.None));
        await registration.DisposeAsync();
        Assert.Equal(["127.0.0.1:2"], await one.FindAsync("app", CancellationToken.None));
    }

    [Fact]
    public async Task Tables_are_those_of_daprs_component()
    {
        await using var hosts = await OpenAsync();
        await using var registration = await hosts.RegisterAsync("app", "127.0.0.1:1", Unexpected, CancellationToken.None);
        Assert.Equal(["nr-migrations|1"], _databases.Query("SELECT key, value FROM metadata"));
        Assert.Equal(["registration_id|TEXT|1|1", "address|TEXT|1|0", "app_id|TEXT|1|0", "namespace|TEXT|1|0", "last_update|INTEGER|1|0"], _databases.Query("SELECT name, type, \"notnull\", pk FROM pragma_table_info('hosts')"));
        Assert.Equal(["hosts_address_idx", "hosts_last_update_idx"], _databases.Query("SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'hosts%' ORDER BY name"));
        Assert.Equal(["127.0.0.1:1|app||1"], _databases.Query("SELECT address, app_id, namespace, unixepoch() - last_update < 5 FROM hosts"));
    }

    [Fact]
    public async Task Host_that_is_not_renewed_is_not_found_until_it_is()
    {
        await using var hosts = await OpenAsync();
        await using var registration = await hosts.RegisterAsync("app", "127.0.0.1:1", Unexpected, CancellationToken.None);
        _databases.Query("UPDATE hosts SET last_update = last_update - 5");
        Assert.Empty(await hosts.FindAsync("app", CancellationToken.None));
        await RenewedAsync(hosts);
        Assert.Equal(["127.0.0.1:1"], await hosts.FindAsync("app", CancellationToken.None));
    }

    [Fact]
    public async Task Row_that_somebody_removed_is_written_again()
    {
        await using var hosts = await OpenAsync();
        await using var registration = await hosts.RegisterAsync("app", "127.0.0.1:1", Unexpected, CancellationToken.None);
        _databases.Query("DELETE FROM hosts");
        await RenewedAsync(hosts);
        Assert.Equal(["127.0.0.1:1"], await hosts.FindAsync("app", CancellationToken.None));
    }

    [Fact]
    public async Task Host_whose_address_another_takes_over_learns_of_it()
    {
        await using var hosts = await OpenAsync();
        var lost = new TaskCompletionSource();
        await using var registration = await hosts.RegisterAsync("app", "127.0.0.1:1", lost.SetResult, CancellationToken.None);
        await using var next = await hosts.RegisterAsync("app2", "127.0.0.1:1", Unexpected, CancellationToken.None);
        for (var i = 0; i < 200 && !lost.Task.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            await Task.WhenAny(lost.Task, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        }

        Assert.True(lost.Task.IsCompletedSuccessfully);
        Assert.Equal(["127.0.0.1:1"], await hosts.FindAsync("app2", CancellationToken.None));
    }

    [Fact]
    public async Task Cleanup_removes_hosts_long_gone_and_no_others()
    {
        await using var hosts = await OpenAsync(("cleanupInterval", "3"));
        await using var registration = await hosts.RegisterAsync("app", "127.0.0.1:1", Unexpected, CancellationToken.None);
        _databases.Query("INSERT INTO hosts VALUES ('x', '127.0.0.1:9', 'gone', '', 0)");
        for (var i = 0; i < 200 && _databases.Query("SELECT address FROM hosts").Count > 1; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Equal(["127.0.0.1:1"], _databases.Query("SELECT address FROM hosts"));
    }

    [Theory]
    [InlineData("missing connection string")]
    [InlineData("invalid value for 'timeout': must be greater than 1s", "connectionString", "x", "timeout", "500ms")]
    [InlineData("invalid identifier for table name: a b", "connectionString", "x", "tableName", "a b")]
    [InlineData("invalid identifier for metadata table name: a-b", "connectionString", "x", "METADATATABLENAME", "a-b")]
    [InlineData("update interval must not contain fractions of seconds", "connectionString", "x", "updateInterval", "5500ms")]
    [InlineData("update interval must be at least 1s greater than timeout", "url", "x", "updateInterval", "5s", "timeoutInSeconds", "5")]
    [InlineData("setting busyTimeout: found 'soon'; expected a duration such as 20s, 500ms, 1h, or a whole number of seconds", "connectionString", "x", "busyTimeout", "soon")]
    public void Settings_are_checked_in_daprs_words(string text, params string[] settings)
    {
        var pairs = settings.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(text, Assert.Throws<SqliteStoreException>(() => SqliteHostsOptions.From(pairs)).Message);
    }

    private async Task<SqliteHosts> OpenAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["connectionString"] = _databases.File };
        foreach (var (name, value) in settings)
            all[name] = value;
        return await SqliteHosts.OpenAsync(SqliteHostsOptions.From(all), _time, NullLogger.Instance, CancellationToken.None);
    }

    private async Task RenewedAsync(SqliteHosts hosts)
    {
        for (var i = 0; i < 200 && (await hosts.FindAsync("app", CancellationToken.None)).Count == 0; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
