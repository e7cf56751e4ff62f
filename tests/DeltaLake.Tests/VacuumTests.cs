namespace RealTimeMesh.DeltaLake.Tests;

public sealed class VacuumTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_removed_before_the_retention_go_and_all_others_stay()
    {
        var table = _fixture.Open();
        await FillAsync(table, 4);
        var old = await RemoveFirstAsync(table);
        _fixture.Time.Advance(TimeSpan.FromDays(8));
        var young = await RemoveFirstAsync(table);
        SetAges(TimeSpan.FromDays(30));
        Assert.Equal([old], (await table.VacuumAsync(new VacuumRequest { DryRun = true }, Token)).Files);
        Assert.True(Exists(old));
        var result = await table.VacuumAsync(new VacuumRequest(), Token);
        Assert.Equal([old], result.Files);
        Assert.True(result.Bytes > 0);
        Assert.False(Exists(old));
        Assert.True(Exists(young));
        var snapshot = (await _fixture.Open().GetSnapshotAsync(null, Token))!;
        Assert.All(snapshot.Files, file => Assert.True(Exists(file.Path)));
        Assert.Equal(2L * 10, Convert.ToInt64(TableFixture.Query($"select count(*) from {_fixture.LiveFiles(snapshot)}")[0][0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Empty((await table.VacuumAsync(new VacuumRequest(), Token)).Files);
    }

    [Fact]
    public async Task Files_without_a_commit_go_when_they_are_old_and_stay_while_a_writer_may_be_about_to_commit_them()
    {
        var table = _fixture.Open();
        await FillAsync(table, 1);
        var orphans = await table.WriteFilesAsync(TableFixture.Schema, [], [TableFixture.Rows(0, 5)], Token);
        SetAges(TimeSpan.FromDays(6));
        Assert.Empty((await table.VacuumAsync(new VacuumRequest(), Token)).Files);
        SetAges(TimeSpan.FromDays(8));
        Assert.Equal([orphans[0].Path], (await table.VacuumAsync(new VacuumRequest(), Token)).Files);
    }

    [Fact]
    public async Task A_retention_below_the_tables_is_refused_until_it_is_allowed()
    {
        var table = _fixture.Open();
        await FillAsync(table, 2);
        var removed = await RemoveFirstAsync(table);
        SetAges(TimeSpan.FromHours(2));
        _fixture.Time.Advance(TimeSpan.FromHours(2));
        SetAges(TimeSpan.FromHours(2));
        var fault = await Assert.ThrowsAsync<DeltaException>(() => table.VacuumAsync(new VacuumRequest { Retention = TimeSpan.FromHours(1) }, Token));
        Assert.Contains("expected 7 days or more (delta.deletedFileRetentionDuration)", fault.Message, StringComparison.Ordinal);
        Assert.True(Exists(removed));
        Assert.Equal([removed], (await table.VacuumAsync(new VacuumRequest { Retention = TimeSpan.FromHours(1), AllowShortRetention = true }, Token)).Files);
        await Assert.ThrowsAsync<DeltaException>(() => table.VacuumAsync(new VacuumRequest { Retention = TimeSpan.FromHours(-1), AllowShortRetention = true }, Token));
    }

    [Fact]
    public async Task A_longer_retention_keeps_what_the_state_has_forgotten()
    {
        var table = _fixture.Open(new DeltaTableOptions { CheckpointInterval = 1 });
        await FillAsync(table, 2);
        var removed = await RemoveFirstAsync(table);
        _fixture.Time.Advance(TimeSpan.FromDays(9));
        // The checkpoint leaves out the tombstone, which is older than the table's 7 days.
        await TableFixture.AppendAsync(table, (await table.GetSnapshotAsync(null, Token))!, TableFixture.Rows(100, 5));
        SetAges(TimeSpan.FromDays(40));
        Assert.Empty((await _fixture.Open().VacuumAsync(new VacuumRequest { Retention = TimeSpan.FromDays(30) }, Token)).Files);
        Assert.Equal([removed], (await _fixture.Open().VacuumAsync(new VacuumRequest(), Token)).Files);
    }

    [Fact]
    public async Task Hidden_files_the_log_and_tables_inside_stay_and_change_files_age()
    {
        _fixture.IsDamaged = true;
        var table = _fixture.Open();
        await FillAsync(table, 1);
        string[] stay = ["_hidden/a.parquet", ".trash/b.parquet", "_metadata", ".c.crc", "inner/_delta_log/0.json", "inner/d.parquet"];
        string[] go = ["_change_data/cdc-1.parquet", "sub/e.parquet", "_delta_index/f.bin"];
        foreach (var path in stay.Concat(go))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_fixture.TablePath, path))!);
            await File.WriteAllTextAsync(Path.Combine(_fixture.TablePath, path), "x", Token);
        }

        SetAges(TimeSpan.FromDays(100));
        Assert.Equal(go.Order(StringComparer.Ordinal), (await table.VacuumAsync(new VacuumRequest(), Token)).Files.Order(StringComparer.Ordinal));
        Assert.All(stay, path => Assert.True(Exists(path), path));
        Assert.Equal(1, (await _fixture.Open().GetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task Files_of_partitions_are_found_under_any_value_and_a_column_that_looks_hidden()
    {
        var schema = new Contracts.RowSchema([new Contracts.Field("_p", Contracts.FieldType.String, true), new Contracts.Field("n", Contracts.FieldType.Int64, true)]);
        var table = _fixture.Open();
        await table.BeginTransaction(null).SetMetadata(schema, ["_p"], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Token);
        var rows = new Contracts.ColumnBatch(schema);
        foreach (var value in (string[])["a b", "ä/ö", "10:30%", "=", "."])
        {
            ((Contracts.StringColumn)rows.Columns[0]).Append(value);
            ((Contracts.Int64Column)rows.Columns[1]).Append(1);
        }

        var transaction = table.BeginTransaction(await table.GetSnapshotAsync(null, Token));
        foreach (var file in await table.WriteFilesAsync(schema, ["_p"], [rows], Token))
            transaction.Add(file);
        await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Token);
        var orphans = await table.WriteFilesAsync(schema, ["_p"], [rows], Token);
        SetAges(TimeSpan.FromDays(8));
        var deleted = (await _fixture.Open().VacuumAsync(new VacuumRequest(), Token)).Files;
        Assert.Equal(orphans.Select(file => file.Path).Order(StringComparer.Ordinal), deleted.Order(StringComparer.Ordinal));
        Assert.All((await _fixture.Open().GetSnapshotAsync(null, Token))!.Files, file => Assert.True(Exists(file.Path), file.Path));
    }

    [Fact]
    public async Task Deletion_vector_files_live_and_die_with_the_files_they_belong_to()
    {
        _fixture.IsDamaged = true;
        SharedTables.CopyTo("kernelj_dv_small", _fixture.TablePath);
        await File.WriteAllBytesAsync(Path.Combine(_fixture.TablePath, "deletion_vector_00000000-0000-0000-0000-000000000000.bin"), [1], Token);
        SetAges(TimeSpan.FromDays(20_000), TimeSpan.Zero);
        // A live vector is known to the reader, so it is not this operation's feature check that protects it.
        var table = _fixture.Open();
        var before = (await table.GetSnapshotAsync(null, Token))!;
        var vectors = before.Files.Select(file => file.DeletionVector?.FilePath(_fixture.TablePath)).OfType<string>().ToList();
        Assert.NotEmpty(vectors);
        try
        {
            var deleted = (await table.VacuumAsync(new VacuumRequest(), Token)).Files;
            Assert.Contains("deletion_vector_00000000-0000-0000-0000-000000000000.bin", deleted);
        }
        catch (DeltaUnsupportedException)
        {
            // Where vectors cannot be written the table is left alone.
        }

        Assert.All(vectors, path => Assert.True(Exists(path)));
    }

    [Fact]
    public async Task A_reader_that_holds_its_snapshot_keeps_its_files()
    {
        var table = _fixture.Open();
        await FillAsync(table, 2);
        var held = table.Hold((await table.GetSnapshotAsync(null, Token))!);
        var removed = await RemoveFirstAsync(table);
        _fixture.Time.Advance(TimeSpan.FromDays(8));
        SetAges(TimeSpan.FromDays(30));
        Assert.Empty((await table.VacuumAsync(new VacuumRequest(), Token)).Files);
        held.Dispose();
        Assert.Equal([removed], (await table.VacuumAsync(new VacuumRequest(), Token)).Files);
    }

    [Fact]
    public async Task Lite_deletes_what_the_log_removed_and_leaves_strangers()
    {
        var table = _fixture.Open();
        await FillAsync(table, 2);
        var removed = await RemoveFirstAsync(table);
        await table.WriteFilesAsync(TableFixture.Schema, [], [TableFixture.Rows(0, 5)], Token);
        _fixture.Time.Advance(TimeSpan.FromDays(8));
        SetAges(TimeSpan.FromDays(30));
        Assert.Equal([removed], (await table.VacuumAsync(new VacuumRequest { Lite = true }, Token)).Files);
        Assert.Single((await table.VacuumAsync(new VacuumRequest(), Token)).Files);
    }

    [Fact]
    public async Task A_folder_that_is_no_table_is_not_touched()
    {
        Directory.CreateDirectory(_fixture.TablePath);
        await File.WriteAllTextAsync(Path.Combine(_fixture.TablePath, "a.parquet"), "x", Token);
        SetAges(TimeSpan.FromDays(100));
        await Assert.ThrowsAsync<DeltaException>(() => _fixture.Open().VacuumAsync(new VacuumRequest(), Token));
        Assert.True(Exists("a.parquet"));
    }

    public void Dispose() => _fixture.Dispose();

    private bool Exists(string path) => File.Exists(Path.Combine(_fixture.TablePath, path));

    private async Task FillAsync(DeltaTable table, int appends)
    {
        var snapshot = await _fixture.CreateAsync(table);
        for (var i = 0; i < appends; i++)
            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 10, 10));
    }

    private static async Task<string> RemoveFirstAsync(DeltaTable table)
    {
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).CommitAsync("DELETE", new Dictionary<string, string>(), Token));
        return snapshot.Files[0].Path;
    }

    /// <summary>The clock of the tests is not that of the disk: files are as old as given by the former.</summary>
    private void SetAges(TimeSpan age, TimeSpan? log = null)
    {
        foreach (var path in Directory.EnumerateFiles(_fixture.TablePath, "*", SearchOption.AllDirectories))
        {
            var isLog = path.StartsWith(Path.Combine(_fixture.TablePath, "_delta_log"), StringComparison.Ordinal);
            File.SetLastWriteTimeUtc(path, (_fixture.Time.GetUtcNow() - (isLog ? log ?? TimeSpan.Zero : age)).UtcDateTime);
        }
    }
}
