using System.Text.Json;

namespace RealTimeMesh.DeltaLake.Tests;

public sealed class CheckpointTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_fixture.TablePath, "_delta_log");

    [Fact]
    public async Task A_checkpoint_tells_the_same_as_the_log()
    {
        _fixture.IsDamaged = true;
        await FillAsync();
        var fromCheckpoint = (await _fixture.Open().GetSnapshotAsync(null, Token))!;
        foreach (var file in Directory.GetFiles(Log, "*.checkpoint.parquet"))
            File.Delete(file);
        var fromLog = (await _fixture.Open().GetSnapshotAsync(null, Token))!;
        Assert.Equal(Describe(fromLog), Describe(fromCheckpoint));
        Assert.Equal(13, fromLog.Version);
    }

    [Fact]
    public async Task A_checkpoint_replaces_the_commits_before_it()
    {
        await FillAsync();
        var before = Describe((await _fixture.Open().GetSnapshotAsync(null, Token))!);
        for (var version = 0; version < 10; version++)
            File.Delete(Path.Combine(Log, $"{version:D20}.json"));
        Assert.Equal(before, Describe((await _fixture.Open().GetSnapshotAsync(null, Token))!));
    }

    [Fact]
    public async Task A_checkpoint_has_the_columns_other_engines_expect()
    {
        await FillAsync();
        var path = Path.Combine(Log, $"{10:D20}.checkpoint.parquet");
        var row = TableFixture.Query($"select count(*) filter (add.path is not null), count(*) filter (remove.path is not null), count(*) filter (txn.appId is not null), max(protocol.minReaderVersion), max(protocol.minWriterVersion), max(metaData.format.provider), max(len(metaData.partitionColumns)), count(*) filter (protocol.readerFeatures is not null) from '{path}'")[0];
        Assert.Equal(["35", "1", "1", "1", "2", "parquet", "1", "0"], row.Select(TableFixture.Text));
        var types = TableFixture.Query($"select column_name, column_type from (describe select * from '{path}')").ToDictionary(item => TableFixture.Text(item[0]), item => TableFixture.Text(item[1]));
        Assert.Equal("STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, tags MAP(VARCHAR, VARCHAR), deletionVector STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, \"offset\" INTEGER, sizeInBytes INTEGER, cardinality BIGINT), baseRowId BIGINT, defaultRowCommitVersion BIGINT, clusteringProvider VARCHAR, stats VARCHAR)", types["add"]);
        Assert.Equal("STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])", types["protocol"]);
        Assert.Equal("STRUCT(id VARCHAR, \"name\" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, \"options\" MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], \"configuration\" MAP(VARCHAR, VARCHAR), createdTime BIGINT)", types["metaData"]);
        var day = TableFixture.Query($"select add.partitionValues['day'] from '{path}' where add.path like 'day=2024-10-05/%' limit 1")[0][0];
        Assert.Contains("2024-10-05", TableFixture.Text(day is System.Collections.IEnumerable list and not string ? string.Join(",", list.Cast<object?>()) : day), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":10,\"si")]
    [InlineData("{\"version\":999,\"size\":1}")]
    public async Task A_torn_or_stale_last_checkpoint_does_no_harm(string content)
    {
        _fixture.IsDamaged = true;
        await FillAsync();
        var before = Describe((await _fixture.Open().GetSnapshotAsync(null, Token))!);
        await File.WriteAllTextAsync(Path.Combine(Log, "_last_checkpoint"), content, Token);
        Assert.Equal(before, Describe((await _fixture.Open().GetSnapshotAsync(null, Token))!));
    }

    [Fact]
    public async Task A_corrupt_checkpoint_falls_back_to_the_log_and_is_told()
    {
        _fixture.IsDamaged = true;
        await FillAsync();
        var before = Describe((await _fixture.Open().GetSnapshotAsync(null, Token))!);
        await File.WriteAllTextAsync(Path.Combine(Log, $"{10:D20}.checkpoint.parquet"), "PAR1 not really", Token);
        List<string> faults = [];
        var table = _fixture.Open(new DeltaTableOptions { OnFault = (what, _) => faults.Add(what) });
        Assert.Equal(before, Describe((await table.GetSnapshotAsync(null, Token))!));
        Assert.Contains("checkpoint 10", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_commit_is_an_error_that_names_it()
    {
        _fixture.IsDamaged = true;
        await FillAsync();
        File.Delete(Path.Combine(Log, $"{12:D20}.json"));
        var fault = await Assert.ThrowsAsync<DeltaException>(() => _fixture.Open().GetSnapshotAsync(null, Token));
        Assert.Contains("commit 12 is missing", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hint_names_the_checkpoint()
    {
        await FillAsync();
        using var hint = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Log, "_last_checkpoint"), Token));
        Assert.Equal(10, hint.RootElement.GetProperty("version").GetInt64());
        Assert.Equal(35, hint.RootElement.GetProperty("numOfAddFiles").GetInt64());
    }

    /// <summary>13 versions: appends to four partitions each, an application, one removal before the checkpoint.</summary>
    private async Task FillAsync()
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table, "day");
        for (var i = 1; i <= 13; i++)
        {
            if (i == 5)
            {
                Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).CommitAsync("DELETE", new Dictionary<string, string>(), Token));
                continue;
            }

            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 50, 50), ("lakehouse/t/0", i));
            snapshot = (await table.GetSnapshotAsync(null, Token))!;
        }
    }

    private static string Describe(Snapshot snapshot) => string.Join('\n', snapshot.Files
        .Select(file => $"{file.Path}|{file.Size}|{file.NumRecords}|{file.ModificationTime}|{file.Stats}|{string.Join(",", file.PartitionValues)}")
        .Order(StringComparer.Ordinal)
        .Append($"{snapshot.Version} {snapshot.RowCount} {snapshot.Name} {string.Join(",", snapshot.PartitionColumns)} {string.Join(",", snapshot.Transactions)} {string.Join(",", snapshot.RowSchema.Fields)}"));

    public void Dispose() => _fixture.Dispose();
}
