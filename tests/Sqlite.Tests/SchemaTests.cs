using System.Text;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite.Tests;

/// <summary>What lies in the file: daprd reads ours, we read daprd's.</summary>
public sealed class SchemaTests : IDisposable
{
    /// <summary>As daprd's component makes its tables.</summary>
    private const string DaprdTables = """
        CREATE TABLE metadata (key text NOT NULL PRIMARY KEY, value text NOT NULL);
        INSERT INTO metadata VALUES('migrations','1');
        CREATE TABLE inttest (
          key TEXT NOT NULL PRIMARY KEY,
          value TEXT NOT NULL,
          is_binary BOOLEAN NOT NULL,
          etag TEXT NOT NULL,
          expiration_time TIMESTAMP DEFAULT NULL,
          update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
        );
        """;

    private readonly Databases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public async Task A_new_database_gets_daprds_tables_and_level()
    {
        await using (await _databases.StartAsync())
        {
        }

        Assert.Equal(["migrations|1"], _databases.Query("SELECT key, value FROM metadata"));
        Assert.Equal(
            ["key|TEXT|1|NULL|1", "value|TEXT|1|NULL|0", "is_binary|BOOLEAN|1|NULL|0", "etag|TEXT|1|NULL|0", "expiration_time|TIMESTAMP|0|NULL|0", "update_time|TIMESTAMP|1|CURRENT_TIMESTAMP|0"],
            _databases.Query("SELECT name, type, [notnull], dflt_value, pk FROM pragma_table_info('state')"));
        Assert.Equal(["wal"], _databases.Query("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task A_database_made_by_daprd_is_used_as_it_is()
    {
        _databases.Query(DaprdTables + """
            INSERT INTO inttest (key, value, is_binary, etag, expiration_time) VALUES
              ('json', '{"a":1}', 0, 'e1', NULL),
              ('bytes', 'AAEC/w==', 1, 'e2', DATETIME(CURRENT_TIMESTAMP, '+100 seconds')),
              ('gone', '1', 0, 'e3', DATETIME(CURRENT_TIMESTAMP, '-1 seconds'));
            """);
        await using var store = await _databases.StartAsync(("tableName", "inttest"), ("actorStateStore", "true"));
        var json = (await store.GetAsync("json", default))!;
        Assert.Equal(("""{"a":1}""", "e1", null), (Encoding.UTF8.GetString(json.Value.Span), json.ETag, json.ExpiresAt));
        var bytes = (await store.GetAsync("bytes", default))!;
        Assert.Equal([0, 1, 2, 255], bytes.Value.ToArray());
        Assert.InRange(bytes.ExpiresAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(101));
        Assert.Null(await store.GetAsync("gone", default));
        Assert.Equal(StateWrite.Applied, await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, "json") { Value = "2"u8.ToArray(), ETag = "e1" }, default));
        Assert.Equal(["migrations|1"], _databases.Query("SELECT key, value FROM metadata"));
    }

    [Fact]
    public async Task Rows_are_what_daprd_would_have_written()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 2, 3, 4, 5, 6, 700, TimeSpan.Zero));
        await using var store = await _databases.StartAsync(time);
        await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, "json") { Value = """{"ü":1}"""u8.ToArray(), IsJson = true }, default);
        await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, "bytes") { Value = new byte[] { 0, 255 }, Ttl = TimeSpan.FromSeconds(90) }, default);
        Assert.Equal(
            ["""bytes|AP8=|1|2031-02-03 04:06:36|2031-02-03 04:05:06""", """json|{"ü":1}|0|NULL|2031-02-03 04:05:06"""],
            _databases.Query("SELECT key, value, is_binary, CAST(expiration_time AS TEXT), CAST(update_time AS TEXT) FROM state ORDER BY key"));
        Assert.All(_databases.Query("SELECT etag FROM state"), etag => Assert.True(Guid.TryParseExact(etag, "D", out _), etag));
    }

    [Fact]
    public async Task A_table_without_a_note_of_its_level_is_taken_over()
    {
        _databases.Query(DaprdTables.Replace("INSERT INTO metadata VALUES('migrations','1');", "", StringComparison.Ordinal) + "INSERT INTO inttest (key, value, is_binary, etag) VALUES ('k', '1', 0, 'e')");
        await using var store = await _databases.StartAsync(("tableName", "inttest"));
        Assert.Equal("e", (await store.GetAsync("k", default))!.ETag);
        Assert.Equal(["1"], _databases.Query("SELECT value FROM metadata WHERE key = 'migrations'"));
    }

    [Fact]
    public async Task A_level_that_is_no_number_is_refused()
    {
        _databases.Query(DaprdTables + "UPDATE metadata SET value = 'x'");
        var error = await Assert.ThrowsAsync<SqliteStoreException>(() => _databases.StartAsync());
        Assert.Contains("invalid migration level found in metadata table: x", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_binary_rows_are_told_by_key()
    {
        await using var store = await _databases.StartAsync();
        _databases.Query("INSERT INTO state (key, value, is_binary, etag) VALUES ('bad', '%%%', 1, 'e')");
        var error = await Assert.ThrowsAsync<SqliteStoreException>(() => store.GetAsync("bad", default));
        Assert.Contains("'bad'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_stores_on_one_file_see_each_others_writes_and_start_at_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _databases.StartAsync()));
        await stores[0].WriteAsync(new StateOperation(StateOperationKind.Upsert, "k") { Value = "1"u8.ToArray() }, default);
        var etag = (await stores[1].GetAsync("k", default))!.ETag;
        var outcomes = await Task.WhenAll(stores.Select(s => s.WriteAsync(new StateOperation(StateOperationKind.Upsert, "k") { Value = "2"u8.ToArray(), ETag = etag }, default)));
        Assert.Single(outcomes, o => o == StateWrite.Applied);
        foreach (var store in stores)
            await store.DisposeAsync();
    }
}
