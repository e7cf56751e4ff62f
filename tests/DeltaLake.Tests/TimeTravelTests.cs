namespace RealTimeMesh.DeltaLake.Tests;

public sealed class TimeTravelTests : IDisposable
{
    private static readonly DateTimeOffset s_start = new(2025, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_fixture.TablePath, "_delta_log");

    [Fact]
    public async Task A_time_gives_the_newest_version_committed_by_then()
    {
        await FillAsync(4);
        SetTimes(0, 0, 10, 20, 30, 40);
        Assert.Equal(0, await VersionAtAsync(0));
        Assert.Equal(0, await VersionAtAsync(9));
        Assert.Equal(1, await VersionAtAsync(10));
        Assert.Equal(3, await VersionAtAsync(39));
        Assert.Equal(4, await VersionAtAsync(40));
        Assert.Equal(4, await VersionAtAsync(100_000));
    }

    [Fact]
    public async Task A_clock_that_went_back_does_not_hide_versions()
    {
        await FillAsync(4);
        SetTimes(0, 0, 10, 5, 3, 40);
        // Version 2 counts as a millisecond after version 1, version 3 as another after that.
        Assert.Equal(0, await VersionAtAsync(9));
        Assert.Equal(3, await VersionAtAsync(11));
        Assert.Equal(4, await VersionAtAsync(41));
        var history = await _fixture.Open().GetHistoryAsync(10, Token);
        Assert.Equal(history.Select(item => item.Timestamp).Distinct().OrderDescending(), history.Select(item => item.Timestamp));
        Assert.Equal(5, history.Count);
    }

    [Fact]
    public async Task A_time_outside_the_log_is_an_error_that_names_its_ends()
    {
        await FillAsync(2);
        SetTimes(0, 0, 10, 20);
        var early = await Assert.ThrowsAsync<DeltaException>(() => VersionAtAsync(-1));
        Assert.Contains("before the oldest version that can be read, 0 of 2025-06-01T00:00:00.000Z", early.Message, StringComparison.Ordinal);
        var late = await Assert.ThrowsAsync<DeltaException>(() => _fixture.Open().GetSnapshotAsync(_fixture.Time.GetUtcNow().AddDays(1), Token));
        Assert.Contains("the newest version is 2, of 2025-06-01T00:00:20.000Z", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_outside_the_log_is_an_error_that_names_its_ends()
    {
        await FillAsync(12);
        Assert.Contains("version 13 does not exist; expected 0 to 12", (await FaultAsync(13)).Message, StringComparison.Ordinal);
        Assert.Contains("version -1 does not exist", (await FaultAsync(-1)).Message, StringComparison.Ordinal);
        for (var version = 0; version < 10; version++)
            File.Delete(Path.Combine(Log, $"{version:D20}.json"));
        Assert.Contains("version 7 is gone: the log was cleaned up; expected 10 to 12", (await FaultAsync(7)).Message, StringComparison.Ordinal);
        Assert.Equal(10, (await _fixture.Open().GetSnapshotAsync(10, Token))!.Version);
        SetTimes(10, 100, 110, 120);
        Assert.Equal(10, await VersionAtAsync(105));
        Assert.Contains("oldest version that can be read, 10", (await Assert.ThrowsAsync<DeltaException>(() => VersionAtAsync(99))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_commit_timestamps_count_from_the_version_that_enabled_them()
    {
        var path = SharedTables.Table("trino_in_commit_timestamp");
        var table = DeltaTable.At(path, new DeltaTableOptions(), TimeProvider.System);
        var history = await table.GetHistoryAsync(10, Token);
        Assert.Equal([3L, 2, 1, 0], history.Select(item => item.Version));
        Assert.Equal(1739859755480, history[0].Timestamp);
        var enabled = history[1].Timestamp;
        Assert.Equal(2, (await table.GetSnapshotAsync(DateTimeOffset.FromUnixTimeMilliseconds(enabled), Token))!.Version);
        Assert.Equal(2, (await table.GetSnapshotAsync(DateTimeOffset.FromUnixTimeMilliseconds(1739859755479), Token))!.Version);
        var newest = (await table.GetSnapshotAsync(DateTimeOffset.FromUnixTimeMilliseconds(1739859755480), Token))!;
        Assert.Equal((3L, 1739859755480L), (newest.Version, newest.Timestamp));
        Assert.Equal(enabled, (await table.GetSnapshotAsync(2, Token))!.Timestamp);
    }

    private async Task<DeltaException> FaultAsync(long version) => await Assert.ThrowsAsync<DeltaException>(() => _fixture.Open().GetSnapshotAsync(version, Token));

    private async Task<long> VersionAtAsync(int seconds) => (await _fixture.Open().GetSnapshotAsync(s_start.AddSeconds(seconds), Token))!.Version;

    private void SetTimes(long first, params int[] seconds)
    {
        for (var i = 0; i < seconds.Length; i++)
            File.SetLastWriteTimeUtc(Path.Combine(Log, $"{first + i:D20}.json"), s_start.AddSeconds(seconds[i]).UtcDateTime);
    }

    private async Task FillAsync(int appends)
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        for (var i = 0; i < appends; i++)
            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 10, 10));
    }

    public void Dispose() => _fixture.Dispose();
}
