namespace RealTimeMesh.DuckDb.Tests;

public sealed class SessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Query_gives_pages_and_says_whether_more_follow()
    {
        using var session = DuckDbSession.Open(new DuckDbOptions());
        var page = await session.QueryAsync("SELECT i, 'x' AS t, NULL AS n FROM range(5) r(i) ORDER BY i", 2, 2, Cancel);
        Assert.Equal(["i", "t", "n"], page.Columns.Select(column => column.Name));
        Assert.Equal([2L, 3L], page.Rows.Select(row => row[0]));
        Assert.True(page.More);
        Assert.False((await session.QueryAsync("SELECT 1", 0, 1, Cancel)).More);
    }

    [Fact]
    public async Task Running_query_stops_when_it_is_cancelled()
    {
        using var session = DuckDbSession.Open(new DuckDbOptions());
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.ScalarAsync("SELECT count(*) FROM range(1000000000000) r(i) WHERE i * i % 7 = 3", source.Token));
        Assert.Equal(1, await session.CountAsync("SELECT 1", Cancel));
    }

    [Fact]
    public async Task Memory_beyond_the_limit_is_an_error_when_there_is_no_spill_folder()
    {
        using var session = DuckDbSession.Open(new DuckDbOptions { MemoryLimitMiB = 16, Threads = 1 });
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => session.ScalarAsync("SELECT count(*) FROM (SELECT DISTINCT md5(i::VARCHAR) FROM range(3000000) r(i))", Cancel));
        Assert.Contains("memory", fault.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Sessions_spill_beside_each_other_and_leave_nothing_behind()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"mesh-spill-{Environment.ProcessId}");
        var options = new DuckDbOptions { MemoryLimitMiB = 48, Threads = 1, SpillPath = folder };
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
            {
                using var session = DuckDbSession.Open(options);
                Assert.Equal(2_000_000, await session.CountAsync("SELECT count(*) FROM (SELECT DISTINCT md5(i::VARCHAR) FROM range(2000000) r(i))", Cancel));
            }));
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Missing_reference_file_is_an_error_that_names_it()
    {
        using var session = DuckDbSession.Open(new DuckDbOptions());
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => session.RegisterCsvAsync("airports", "/no/such/airports.csv", Cancel));
        Assert.Contains("/no/such/airports.csv", fault.Message, StringComparison.Ordinal);
    }
}
