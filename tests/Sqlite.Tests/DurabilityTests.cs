using System.Diagnostics;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite.Tests;

public sealed class DurabilityTests : IDisposable
{
    private readonly Databases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public async Task Writers_at_once_share_commits_and_none_is_lost()
    {
        await using var store = await _databases.StartAsync();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(writer => Task.Run(async () =>
        {
            for (var n = 0; n < 50; n++)
                Assert.Equal(StateWrite.Applied, await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, $"{writer}/{n}") { Value = Encoding.UTF8.GetBytes($"{n}") }, default));
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper?.WriteLine($"64 writers: {3200 / elapsed.TotalSeconds:F0} synced writes/s");
        Assert.Equal(["3200"], _databases.Query("SELECT COUNT(*) FROM state"));
    }

    [Fact]
    public async Task A_write_that_fails_takes_no_other_with_it()
    {
        await using var store = await _databases.StartAsync();
        _databases.Query("CREATE TRIGGER refuse BEFORE INSERT ON state WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'refused by trigger'); END");
        var writes = Enumerable.Range(0, 40).Select(n => (Key: n % 10 == 0 ? "bad" : $"{n}", Task: Task.Run(() => store.TransactAsync(
            [
                new StateOperation(StateOperationKind.Upsert, $"with-{n}") { Value = "1"u8.ToArray() },
                new StateOperation(StateOperationKind.Upsert, n % 10 == 0 ? "bad" : $"{n}") { Value = "1"u8.ToArray() },
            ],
            default)))).ToArray();
        foreach (var (key, task) in writes)
        {
            if (key == "bad")
                Assert.Contains("refused by trigger", (await Assert.ThrowsAsync<SqliteStoreException>(() => task)).Message, StringComparison.Ordinal);
            else
                Assert.Equal(StateWrite.Applied, await task);
        }

        Assert.Equal(["72"], _databases.Query("SELECT COUNT(*) FROM state"));
    }

    [Fact]
    public async Task Reads_are_fast()
    {
        await using var store = await _databases.StartAsync();
        await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, "k") { Value = new byte[200] }, default);
        var times = new double[2000];
        for (var n = 0; n < times.Length; n++)
        {
            var started = Stopwatch.GetTimestamp();
            Assert.NotNull(await store.GetAsync("k", default));
            times[n] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        TestContext.Current.TestOutputHelper?.WriteLine($"get: p50 {times[1000]:F3} ms, p99 {times[1980]:F3} ms");
        Assert.InRange(times[1000], 0, 5);
    }
}
