namespace RealTimeMesh.DeltaLake.Tests;

public sealed class LogCleanupTests : IDisposable
{
    private readonly TableFixture _fixture = new();
    private readonly List<string> _faults = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_fixture.TablePath, "_delta_log");

    [Fact]
    public async Task What_is_older_than_the_retention_and_before_a_checkpoint_is_deleted_and_nothing_else()
    {
        await FillAsync(25);
        // Versions 0 to 14 are 40 days old: the newest checkpoint among them is 10.
        Age(0, 14, 40);
        Age(15, 25, 5);
        var expected = Describe((await Open().GetSnapshotAsync(null, Token))!);
        var deleted = await Open().CleanUpLogAsync(Token);
        Assert.Equal(10 + 10, deleted);
        Assert.Equal(Enumerable.Range(10, 16).Select(version => $"{version:D20}.json"), Directory.GetFiles(Log, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(10, 16).Select(version => $"{version:D20}.crc"), Directory.GetFiles(Log, "*.crc").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(2, Directory.GetFiles(Log, "*.checkpoint.parquet").Length);
        Assert.Equal(expected, Describe((await Open().GetSnapshotAsync(null, Token))!));
        Assert.Equal(10, (await Open().GetSnapshotAsync(10, Token))!.Version);
        Assert.Equal(0, await Open().CleanUpLogAsync(Token));
    }

    [Fact]
    public async Task Without_a_checkpoint_old_enough_everything_stays()
    {
        await FillAsync(12);
        Age(0, 8, 40);
        Age(9, 12, 5);
        Assert.Equal(0, await Open().CleanUpLogAsync(Token));
        Assert.Equal(13, Directory.GetFiles(Log, "*.json").Length);
    }

    [Fact]
    public async Task A_torn_checkpoint_is_never_the_only_copy()
    {
        _fixture.IsDamaged = true;
        await FillAsync(12);
        Age(0, 12, 40);
        await File.WriteAllTextAsync(Path.Combine(Log, $"{10:D20}.checkpoint.parquet"), "PAR1 torn", Token);
        Assert.Equal(0, await Open().CleanUpLogAsync(Token));
        Assert.Contains(_faults, fault => fault.Contains("kept beyond its retention", StringComparison.Ordinal));
        Assert.Equal(12, (await Open().GetSnapshotAsync(null, Token))!.Version);
    }

    [Theory]
    [InlineData("delta.enableExpiredLogCleanup", "false", 0)]
    [InlineData("delta.logRetentionDuration", "interval 60 days", 0)]
    [InlineData("delta.logRetentionDuration", "interval 1 week", 20)]
    public async Task Properties_of_the_table_rule_the_cleanup(string name, string value, int deleted)
    {
        await FillAsync(12, (name, value));
        Age(0, 12, 40);
        Assert.Equal(deleted, await Open().CleanUpLogAsync(Token));
    }

    [Fact]
    public async Task A_clock_that_went_back_keeps_more_and_never_less()
    {
        await FillAsync(22);
        Age(0, 22, 40);
        // Version 5 was written by a clock far ahead: nothing after it counts as older than it.
        Age(5, 5, 1);
        Assert.Equal(0, await Open().CleanUpLogAsync(Token));
    }

    [Fact]
    public async Task A_commit_that_writes_a_checkpoint_cleans_up()
    {
        await FillAsync(19);
        Age(0, 19, 40);
        var table = Open();
        await TableFixture.AppendAsync(table, (await table.GetSnapshotAsync(null, Token))!, TableFixture.Rows(0, 5));
        Assert.False(File.Exists(Path.Combine(Log, $"{9:D20}.json")));
        Assert.True(File.Exists(Path.Combine(Log, $"{10:D20}.json")));
        Assert.Equal(20, (await Open().GetSnapshotAsync(null, Token))!.Version);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task Sidecars_that_no_checkpoint_needs_are_deleted()
    {
        await FillAsync(25, ("delta.checkpointPolicy", "v2"));
        Age(0, 14, 40);
        Age(15, 25, 5);
        var sidecars = Directory.GetFiles(Path.Combine(Log, "_sidecars")).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, sidecars.Count);
        var stray = Path.Combine(Log, "_sidecars", "stray.parquet");
        var young = Path.Combine(Log, "_sidecars", "young.parquet");
        await File.WriteAllTextAsync(stray, "", Token);
        await File.WriteAllTextAsync(young, "", Token);
        foreach (var path in sidecars.Append(stray))
            File.SetLastWriteTimeUtc(path, _fixture.Time.GetUtcNow().AddDays(-40).UtcDateTime);
        File.SetLastWriteTimeUtc(young, _fixture.Time.GetUtcNow().AddHours(-20).UtcDateTime);
        var expected = Describe((await Open().GetSnapshotAsync(null, Token))!);
        Assert.Equal(10 + 10 + 1, await Open().CleanUpLogAsync(Token));
        Assert.Equal(sidecars.Append(young).Order(StringComparer.Ordinal), Directory.GetFiles(Path.Combine(Log, "_sidecars")).Order(StringComparer.Ordinal));
        Assert.Equal(expected, Describe((await Open().GetSnapshotAsync(null, Token))!));
        Assert.Equal(10, (await Open().GetSnapshotAsync(10, Token))!.Version);
    }

    [Fact]
    public async Task What_killed_writers_left_half_written_is_deleted_after_a_day()
    {
        await FillAsync(2);
        var (old, young) = (Path.Combine(Log, $".{Guid.NewGuid():N}.tmp"), Path.Combine(Log, $".{Guid.NewGuid():N}.tmp"));
        await File.WriteAllTextAsync(old, "half", Token);
        await File.WriteAllTextAsync(young, "half", Token);
        File.SetLastWriteTimeUtc(old, _fixture.Time.GetUtcNow().AddDays(-3).UtcDateTime);
        File.SetLastWriteTimeUtc(young, _fixture.Time.GetUtcNow().AddHours(-1).UtcDateTime);
        Assert.Equal(1, await Open().CleanUpLogAsync(Token));
        Assert.True(!File.Exists(old) && File.Exists(young));
    }

    private DeltaTable Open() => _fixture.Open(new DeltaTableOptions { OnFault = (what, _) => _faults.Add(what) });

    private void Age(int first, int last, int days)
    {
        for (var version = first; version <= last; version++)
            File.SetLastWriteTimeUtc(Path.Combine(Log, $"{version:D20}.json"), _fixture.Time.GetUtcNow().AddDays(-days).AddSeconds(version).UtcDateTime);
    }

    private async Task FillAsync(int appends, params (string Name, string Value)[] properties)
    {
        var table = Open();
        var transaction = table.BeginTransaction(null).SetMetadata(TableFixture.Schema, [], "test");
        transaction.SetProperties(properties.Select(item => KeyValuePair.Create(item.Name, (string?)item.Value)));
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Token));
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        for (var i = 0; i < appends; i++)
            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 10, 5));
    }

    private static string Describe(Snapshot snapshot) => string.Join('\n', snapshot.Files.Select(file => $"{file.Path}|{file.Stats}").Order(StringComparer.Ordinal).Append($"{snapshot.Version} {snapshot.RowCount}"));

    public void Dispose() => _fixture.Dispose();
}
