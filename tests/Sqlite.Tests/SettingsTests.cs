using System.Text;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite.Tests;

public sealed class SettingsTests : IDisposable
{
    private readonly Databases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Theory]
    [InlineData("connectionString", "", "missing connection string")]
    [InlineData("timeout", "500ms", "invalid value for 'timeout': must be greater than 1s")]
    [InlineData("tableName", "a;b", "invalid identifier: a;b")]
    [InlineData("metadataTableName", "ü", "invalid identifier: ü")]
    public async Task A_wrong_setting_is_told_in_daprds_words(string name, string value, string expected)
    {
        var error = await Assert.ThrowsAsync<SqliteStoreException>(() => _databases.StartAsync((name, value)));
        Assert.Equal(expected, error.Message);
    }

    [Theory]
    [InlineData("_pragma=busy_timeout(5000)", "found forbidden option '_pragma=busy_timeout' in the connection string")]
    [InlineData("_pragma=journal_mode(WAL)", "found forbidden option '_pragma=journal_mode' in the connection string")]
    [InlineData("_pragma=foreign_keys(1)", "found forbidden option '_pragma=foreign_keys' in the connection string")]
    [InlineData("_pragma=x(1);DROP TABLE state", "expected name(value)")]
    [InlineData("_txlock=never", "expected immediate, deferred or exclusive")]
    [InlineData("_other=1", "'_other'")]
    public async Task A_wrong_option_of_the_connection_string_is_told(string option, string expected)
    {
        var error = await Assert.ThrowsAsync<SqliteStoreException>(() => _databases.StartAsync(("connectionString", $"file:{_databases.File}?{option}")));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("file:{0}")]
    [InlineData("file://{0}?_txlock=immediate&_pragma=cache_size(-4000)")]
    [InlineData("file:{0}?mode=rwc&_txlock=EXCLUSIVE")]
    [InlineData("state.db")]
    [InlineData("file:state.db?_txlock=deferred")]
    public async Task A_database_is_found_by_path_and_by_URI(string form)
    {
        var text = form.Replace("{0}", _databases.File, StringComparison.Ordinal);
        await using (var store = await _databases.StartAsync(("connectionString", text)))
            Assert.Equal(StateWrite.Applied, await store.WriteAsync(Upsert("k"), default));
        Assert.Equal(["k"], _databases.Query("SELECT key FROM state"));
    }

    [Fact]
    public async Task A_database_for_reading_is_read_and_refuses_writes()
    {
        await using (var store = await _databases.StartAsync())
            await store.WriteAsync(Upsert("k"), default);
        await using var reading = await _databases.StartAsync(("connectionString", $"file:{_databases.File}?mode=ro"));
        Assert.Equal("x", Encoding.UTF8.GetString((await reading.GetAsync("k", default))!.Value.Span));
        var error = await Assert.ThrowsAsync<SqliteStoreException>(() => reading.WriteAsync(Upsert("k"), default));
        Assert.Contains("readonly", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_named()
    {
        var error = await Assert.ThrowsAsync<SqliteStoreException>(() => _databases.StartAsync(("connectionString", $"{_databases.Folder}/none/state.db")));
        Assert.Contains("none/state.db", error.Message, StringComparison.Ordinal);
        File.WriteAllText(_databases.File, new string('x', 4096));
        error = await Assert.ThrowsAsync<SqliteStoreException>(() => _databases.StartAsync());
        Assert.Contains("not a database", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expired_rows_are_removed_every_interval_and_others_stay()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
        await using var store = await _databases.StartAsync(time, ("cleanupIntervalInSeconds", "10"));
        await store.WriteAsync(Upsert("stays"), default);
        await store.WriteAsync(Upsert("goes") with { Ttl = TimeSpan.FromSeconds(5) }, default);
        Assert.Equal(["2"], _databases.Query("SELECT COUNT(*) FROM state"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_databases.Query("SELECT key FROM state") is not ["stays"])
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }

        Assert.Single(_databases.Query("SELECT value FROM metadata WHERE key = 'last-cleanup'"));
    }

    [Fact]
    public async Task A_write_waits_for_a_lock_of_another_process_only_as_long_as_busyTimeout_says()
    {
        await using var store = await _databases.StartAsync(("busyTimeout", "50ms"));
        using var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_databases.File};Pooling=false");
        other.Open();
        using (var transaction = other.BeginTransaction())
        {
            var error = await Assert.ThrowsAsync<SqliteStoreException>(() => store.WriteAsync(Upsert("k"), default));
            Assert.Contains("locked", error.Message, StringComparison.Ordinal);
            // Readers don't wait for it.
            Assert.Null(await store.GetAsync("k", default));
        }

        Assert.Equal(StateWrite.Applied, await store.WriteAsync(Upsert("k"), default));
    }

    [Fact]
    public async Task An_operation_without_key_is_refused_in_daprds_words()
    {
        await using var store = await _databases.StartAsync();
        Assert.Equal("missing key in get operation", (await Assert.ThrowsAsync<SqliteStoreException>(() => store.GetAsync("", default))).Message);
        Assert.Equal("missing key in set option", (await Assert.ThrowsAsync<SqliteStoreException>(() => store.WriteAsync(Upsert(""), default))).Message);
    }

    private static StateOperation Upsert(string key) => new(StateOperationKind.Upsert, key) { Value = "x"u8.ToArray(), IsJson = true };
}
