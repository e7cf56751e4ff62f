namespace RealTimeMesh.DeltaLake.Tests;

public sealed class RestoreTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restored_table_has_the_files_of_then_and_keeps_its_history()
    {
        var table = _fixture.Open();
        await FillAsync(table, 3);
        var then = (await table.GetSnapshotAsync(3, Token))!;
        var now = (await table.GetSnapshotAsync(null, Token))!;
        await table.BeginTransaction(now).Remove(now.Files[0]).SetTransaction("app", 7).CommitAsync("DELETE", new Dictionary<string, string>(), Token);
        await TableFixture.AppendAsync(table, (await table.GetSnapshotAsync(null, Token))!, TableFixture.Rows(500, 20));

        var preview = await table.PreviewRestoreAsync(new RestoreRequest { Version = 3 }, Token);
        Assert.Equal((5L, 3L, 40L, 30L), (preview.FromVersion, preview.ToVersion, preview.RowsBefore, preview.RowsAfter));
        Assert.Equal((1, 1, 0), (preview.Restored.Count, preview.Removed.Count, preview.Missing.Count));
        Assert.Equal(5, (await table.GetSnapshotAsync(null, Token))!.Version);

        var result = await table.RestoreAsync(new RestoreRequest { Version = 3, UserMetadata = "why" }, Token);
        Assert.Equal((6L, 1L, 1L), (result.Version!.Value, result["numRestoredFiles"], result["numRemovedFiles"]));
        var restored = (await _fixture.Open().GetSnapshotAsync(null, Token))!;
        Assert.Equal(then.Files.Select(file => file.Path).Order(StringComparer.Ordinal), restored.Files.Select(file => file.Path).Order(StringComparer.Ordinal));
        Assert.Equal(30, restored.RowCount);
        Assert.Equal(7, restored.Transactions["app"]);
        var commit = (await table.GetHistoryAsync(1, Token))[0];
        Assert.Equal(("RESTORE", "3", "why"), (commit.Operation, commit.Parameters["version"], commit.UserMetadata));
        Assert.Null((await table.RestoreAsync(new RestoreRequest { Version = 3 }, Token)).Version);
    }

    [Fact]
    public async Task Schema_and_properties_come_back_and_the_protocol_stays()
    {
        var table = _fixture.Open();
        await FillAsync(table, 1);
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        var wider = SchemaEvolution.AddColumn(table.Path, snapshot.Schema, null, new SchemaField("more", PrimitiveType.String, true));
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).SetSchema(wider)
            .SetProperties([new("delta.enableInCommitTimestamps", "true"), new("mine", "1")]).CommitAsync("ADD COLUMNS", new Dictionary<string, string>(), Token));
        var changed = (await table.GetSnapshotAsync(null, Token))!;
        var preview = await table.PreviewRestoreAsync(new RestoreRequest { Version = 1 }, Token);
        Assert.Contains("column more goes", preview.MetadataChanges);
        Assert.Contains("property mine goes", preview.MetadataChanges);
        await table.RestoreAsync(new RestoreRequest { Version = 1 }, Token);
        var restored = (await _fixture.Open().GetSnapshotAsync(null, Token))!;
        Assert.Equal(snapshot.Schema.Fields.Select(field => field.Name), restored.Schema.Fields.Select(field => field.Name));
        Assert.False(restored.Configuration.ContainsKey("mine"));
        Assert.Equal(changed.Protocol.MinWriterVersion, restored.Protocol.MinWriterVersion);
        Assert.Equal("true", restored.Configuration["delta.enableInCommitTimestamps"]);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_named_and_left_out_only_where_that_was_asked_for()
    {
        var table = _fixture.Open();
        await FillAsync(table, 2);
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        var transaction = table.BeginTransaction(snapshot);
        foreach (var file in snapshot.Files)
            transaction.Remove(file);
        await transaction.CommitAsync("DELETE", new Dictionary<string, string>(), Token);
        File.Delete(Path.Combine(_fixture.TablePath, snapshot.Files[0].Path));
        var fault = await Assert.ThrowsAsync<DeltaException>(() => table.RestoreAsync(new RestoreRequest { Version = 2 }, Token));
        Assert.Contains(snapshot.Files[0].Path, fault.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await table.GetSnapshotAsync(null, Token))!.Version);
        await table.RestoreAsync(new RestoreRequest { Version = 2, IgnoreMissingFiles = true }, Token);
        Assert.Equal([snapshot.Files[1].Path], (await table.GetSnapshotAsync(null, Token))!.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task A_time_gives_the_version_of_then_and_one_of_both_must_be_given()
    {
        var table = _fixture.Open();
        await FillAsync(table, 3);
        for (var version = 0; version < 4; version++)
            File.SetLastWriteTimeUtc(Path.Combine(_fixture.TablePath, "_delta_log", $"{version:D20}.json"), new DateTime(2026, 1, 1, version, 0, 0, DateTimeKind.Utc));
        var preview = await table.PreviewRestoreAsync(new RestoreRequest { Timestamp = new DateTimeOffset(2026, 1, 1, 1, 30, 0, TimeSpan.Zero) }, Token);
        Assert.Equal(1, preview.ToVersion);
        await Assert.ThrowsAsync<DeltaException>(() => table.RestoreAsync(new RestoreRequest(), Token));
        Assert.Contains("expected 0 to 3", (await Assert.ThrowsAsync<DeltaException>(() => table.RestoreAsync(new RestoreRequest { Version = 9 }, Token))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _fixture.Dispose();

    private async Task FillAsync(DeltaTable table, int appends)
    {
        var snapshot = await _fixture.CreateAsync(table);
        for (var i = 0; i < appends; i++)
            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 10, 10));
    }
}
