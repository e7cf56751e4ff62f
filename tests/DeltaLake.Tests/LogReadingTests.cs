namespace RealTimeMesh.DeltaLake.Tests;

public sealed class LogReadingTests : IDisposable
{
    private readonly TableFixture _fixture = new();
    private readonly List<string> _faults = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_fixture.TablePath, "_delta_log");

    [Fact]
    public async Task A_V2_checkpoint_in_JSON_with_sidecars_is_read()
    {
        _fixture.IsDamaged = true;
        SharedTables.CopyTo("trino_v2_checkpoint_json", _fixture.TablePath);
        var newest = (await Open().GetSnapshotAsync(null, Token))!;
        Assert.Equal((3L, 3L), (newest.Version, newest.RowCount));
        Assert.True((await Open().GetSnapshotAsync(2, Token))!.RowCount < 3);
        var fault = await Assert.ThrowsAsync<DeltaException>(() => Open().GetSnapshotAsync(1, Token));
        Assert.Contains("version 1 is gone", fault.Message, StringComparison.Ordinal);
        Assert.Contains("expected 2 to 3", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_V2_checkpoint_without_its_sidecar_is_told_and_not_used()
    {
        _fixture.IsDamaged = true;
        SharedTables.CopyTo("trino_v2_checkpoint_json", _fixture.TablePath);
        foreach (var file in Directory.GetFiles(Path.Combine(Log, "_sidecars")))
            File.Delete(file);
        var fault = await Assert.ThrowsAsync<DeltaException>(() => Open().GetSnapshotAsync(null, Token));
        Assert.Contains("without a readable checkpoint", fault.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint 2", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partition_values_of_a_checkpoint_are_those_of_the_commits()
    {
        _fixture.IsDamaged = true;
        SharedTables.CopyTo("trino_partition_values_parsed", _fixture.TablePath);
        var checkpoint = Path.Combine(Log, $"{3:D20}.checkpoint.parquet");
        var fromCheckpoint = await FilesAsync();
        await using (var reader = await Parquet.ParquetReader.CreateAsync(checkpoint, null, Token))
        {
            using var group = reader.OpenRowGroupReader(0);
            var columns = new ParquetColumns(ParquetColumns.LeavesOf(reader), group, Token);
            var paths = await columns.TextsAsync("add", "path");
            foreach (var leaf in columns.Under("add", "partitionValues_parsed"))
            {
                var texts = await ParsedColumn.PlainAsync(columns, leaf);
                for (var row = 0; row < columns.RowCount; row++)
                {
                    if (paths[row] is { } path)
                        Assert.Equal(Iso(leaf.Path[^1], fromCheckpoint.Single(file => PathEncoding.Encode(file.Path) == path).PartitionValues[leaf.Path[^1]]), texts?[row]);
                }
            }
        }

        File.Delete(checkpoint);
        var fromLog = await FilesAsync();
        Assert.Equal(3, fromLog.Count);
        foreach (var file in fromLog)
        {
            var other = Assert.Single(fromCheckpoint, item => item.Path == file.Path);
            Assert.Equal(file.PartitionValues.OrderBy(item => item.Key, StringComparer.Ordinal), other.PartitionValues.OrderBy(item => item.Key, StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Statistics_that_stand_only_in_a_struct_become_the_same_JSON()
    {
        var path = Path.Combine(_fixture.Folder, "checkpoint.parquet");
        TableFixture.Query("""
            copy (select {'path': 'a%20b.parquet', 'size': 10::bigint, 'modificationTime': 5::bigint, 'dataChange': false, 'deletionVector': {'storageType': 'i', 'pathOrInlineDv': 'x', 'sizeInBytes': 3::integer, 'cardinality': 1::bigint}, 'stats_parsed': {'numRecords': 7::bigint,
                'minValues': {'i': -3::integer, 'l': 9007199254740993::bigint, 'd': -0.5::double, 's': 'ä"b', 'dec': 12345678901234567890.1234567890::decimal(38,10), 'small': -0.05::decimal(4,2), 'day': date '2024-02-29', 'at': timestamptz '2024-02-29 01:02:03.000004Z', 'ntz': timestamp '1965-02-28 23:59:59.999999', 'nested': {'x': 1.5::float, 'y': null::integer}, 'none': null::integer},
                'nullCount': {'i': 0::bigint, 'nested': {'x': 2::bigint, 'y': 7::bigint}, 'list': 1::bigint}, 'tightBounds': true}} as add
                union all select {'path': 'c.parquet', 'size': 11::bigint, 'modificationTime': 6::bigint, 'dataChange': false, 'deletionVector': null, 'stats_parsed': null}
                union all select null) to 'PATH' (format parquet)
            """.Replace("PATH", path, StringComparison.Ordinal));
        var commit = await new CheckpointReader(new LogFolder(_fixture.TablePath, new LocalTableStore())).ReadFileAsync(path, Token);
        Assert.Equal(2, commit.Adds.Count);
        Assert.Equal(
            "{\"numRecords\":7,\"minValues\":{\"i\":-3,\"l\":9007199254740993,\"d\":-0.5,\"s\":\"ä\\\"b\",\"dec\":12345678901234567890.1234567890,\"small\":-0.05,\"day\":\"2024-02-29\",\"at\":\"2024-02-29T01:02:03.000004Z\",\"ntz\":\"1965-02-28T23:59:59.999999\",\"nested\":{\"x\":1.5}},\"nullCount\":{\"i\":0,\"nested\":{\"x\":2,\"y\":7},\"list\":1},\"tightBounds\":true}",
            commit.Adds[0].Stats);
        Assert.Equal(("a b.parquet", 7L, new DeletionVectorDescriptor("i", "x", null, 3, 1)), (commit.Adds[0].Path, commit.Adds[0].NumRecords, commit.Adds[0].DeletionVector));
        Assert.Equal(("c.parquet", -1L, null, null), (commit.Adds[1].Path, commit.Adds[1].NumRecords, commit.Adds[1].Stats, commit.Adds[1].DeletionVector));
    }

    [Fact]
    public async Task A_multi_part_checkpoint_that_lacks_a_part_is_not_one()
    {
        _fixture.IsDamaged = true;
        SharedTables.CopyTo("golden_multi_part_checkpoint", _fixture.TablePath);
        var whole = (await Open().GetSnapshotAsync(null, Token))!;
        File.Delete(Path.Combine(Log, $"{0:D20}.json"));
        Assert.Equal(whole.RowCount, (await Open().GetSnapshotAsync(null, Token))!.RowCount);
        File.Delete(Directory.GetFiles(Log, "*.checkpoint.0000000002.0000000002.parquet")[0]);
        var fault = await Assert.ThrowsAsync<DeltaException>(() => Open().GetSnapshotAsync(null, Token));
        Assert.Contains("begins at version 1 without a readable checkpoint", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_log_compaction_is_read_in_place_of_its_commits()
    {
        _fixture.IsDamaged = true;
        await FillAsync(6);
        var expected = Describe((await Open().GetSnapshotAsync(null, Token))!);
        var compacted = new LogCommit();
        for (var version = 1; version <= 4; version++)
        {
            var commit = ActionReader.Read("", version, await File.ReadAllBytesAsync(Path.Combine(Log, $"{version:D20}.json"), Token));
            compacted.Adds.AddRange(commit.Adds);
            compacted.Removes.AddRange(commit.Removes);
        }

        compacted.Transactions.Add(new TransactionId("compacted", 1, null));
        var path = Path.Combine(Log, $"{1:D20}.{4:D20}.compacted.json");
        await File.WriteAllBytesAsync(path, ActionWriter.Write(compacted).ToArray(), Token);
        var table = Open();
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.Equal(expected, Describe(snapshot));
        Assert.True(snapshot.Transactions.ContainsKey("compacted"));
        Assert.Equal(4, (await table.GetAddedFilesAsync(snapshot, 2, Token)).Count);
        // It ends after the version asked for.
        Assert.Empty((await Open().GetSnapshotAsync(3, Token))!.Transactions);
        await File.WriteAllTextAsync(path, "{\"add\":{\"pa", Token);
        Assert.Equal(expected, Describe((await Open().GetSnapshotAsync(null, Token))!));
        Assert.Contains("log compaction", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_compaction_that_is_empty_or_not_reconciled_is_not_used(bool empty)
    {
        _fixture.IsDamaged = true;
        await FillAsync(6);
        var expected = Describe((await Open().GetSnapshotAsync(null, Token))!);
        var file = ActionReader.Read("", 1, await File.ReadAllBytesAsync(Path.Combine(Log, $"{1:D20}.json"), Token)).Adds[0];
        var compacted = new LogCommit();
        if (!empty)
        {
            compacted.Adds.Add(file);
            compacted.Removes.Add(new RemoveFile(file.Path, 1, true, null, null));
        }

        await File.WriteAllBytesAsync(Path.Combine(Log, $"{1:D20}.{4:D20}.compacted.json"), ActionWriter.Write(compacted).ToArray(), Token);
        Assert.Equal(expected, Describe((await Open().GetSnapshotAsync(null, Token))!));
        Assert.Contains("log compaction", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_are_not_of_the_protocol_are_ignored()
    {
        _fixture.IsDamaged = true;
        await FillAsync(3);
        var expected = Describe((await Open().GetSnapshotAsync(null, Token))!);
        foreach (var name in new[] { "junk", ".00000000000000000004.json.crc", "00000000000000000009.json.tmp", "9.json", "00000000000000000007.checkpoint.0000000000.0000000001.parquet", "00000000000000000007.checkpoint.not-a-uuid.parquet", "00000000000000000007.checkpoint.parquet.tmp", "0000000000000000000x.json", "00000000000000000009.crc", "_staged_commits", "00000000000000000002.00000000000000000001.compacted.json" })
            await File.WriteAllTextAsync(Path.Combine(Log, name), "not a log", Token);
        Directory.CreateDirectory(Path.Combine(Log, "00000000000000000008.json"));
        Assert.Equal(expected, Describe((await Open().GetSnapshotAsync(null, Token))!));
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_listing_that_missed_a_commit_while_writers_were_at_work_is_no_gap()
    {
        await FillAsync(6);
        var table = _fixture.Open(new DeltaTableOptions { Store = new ForgetfulStore($"{4:D20}.json") });
        Assert.Equal((6L, 60L), ((await table.GetSnapshotAsync(null, Token))!.Version, (await table.GetSnapshotAsync(null, Token))!.RowCount));
        Assert.Equal(7, (await table.GetHistoryAsync(10, Token)).Count);
    }

    [Fact]
    public async Task A_table_that_was_deleted_and_made_anew_is_read_anew()
    {
        await FillAsync(3);
        var table = Open();
        var old = (await table.GetSnapshotAsync(null, Token))!;
        Directory.Delete(_fixture.TablePath, recursive: true);
        Assert.Null(await table.GetSnapshotAsync(null, Token));
        await FillAsync(3);
        File.SetLastWriteTimeUtc(Path.Combine(Log, $"{3:D20}.json"), DateTime.UnixEpoch.AddDays(20_000));
        var now = (await table.GetSnapshotAsync(null, Token))!;
        Assert.Equal(3, now.Version);
        Assert.Empty(now.Files.Select(file => file.Path).Intersect(old.Files.Select(file => file.Path)));
        Directory.Delete(_fixture.TablePath, recursive: true);
        await FillAsync(3);
        Assert.Empty((await table.GetSnapshotAsync(null, Token))!.Files.Select(file => file.Path).Intersect(now.Files.Select(file => file.Path)));
    }

    [Fact]
    public async Task A_feature_that_a_later_version_took_away_does_not_refuse_that_version()
    {
        _fixture.IsDamaged = true;
        await FillAsync(2);
        var protocol = "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"madeUp\"],\"writerFeatures\":[\"madeUp\"]}}\n";
        await File.WriteAllTextAsync(Path.Combine(Log, $"{3:D20}.json"), protocol, Token);
        await File.WriteAllTextAsync(Path.Combine(Log, $"{4:D20}.json"), "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n", Token);
        Assert.Equal(4, (await Open().GetSnapshotAsync(null, Token))!.Version);
        Assert.Contains("madeUp", (await Assert.ThrowsAsync<DeltaUnsupportedException>(() => Open().GetSnapshotAsync(3, Token))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("}x\n", null)]
    [InlineData("} \n", null)]
    [InlineData("}{\"txn\":{}}\n", "line 1")]
    [InlineData("\n", "line 1")]
    public async Task Stray_characters_after_an_action_are_left_alone_and_a_torn_action_is_not(string end, string? fault)
    {
        _fixture.IsDamaged = true;
        await FillAsync(2);
        await File.WriteAllTextAsync(Path.Combine(Log, $"{3:D20}.json"), "{\"commitInfo\":{\"operation\":\"TEST\"}" + end, Token);
        if (fault is null)
            Assert.Equal(3, (await Open().GetSnapshotAsync(null, Token))!.Version);
        else
            Assert.Contains(fault, (await Assert.ThrowsAsync<DeltaException>(() => Open().GetSnapshotAsync(null, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_without_a_schema_has_no_columns()
    {
        _fixture.IsDamaged = true;
        Directory.CreateDirectory(Log);
        await File.WriteAllTextAsync(Path.Combine(Log, $"{0:D20}.json"), "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n{\"metaData\":{\"id\":\"t\",\"format\":{\"provider\":\"parquet\"},\"partitionColumns\":[],\"configuration\":{}}}\n", Token);
        Assert.Empty((await Open().GetSnapshotAsync(null, Token))!.Schema.Fields);
    }

    [Fact]
    public async Task A_snapshot_stays_as_it_was_when_files_are_removed_and_added_later()
    {
        var random = new Random(5);
        var table = _fixture.Open();
        await _fixture.CreateAsync(table);
        var versions = new List<(Snapshot Snapshot, string Text)>();
        var live = new List<AddFile>();
        for (var i = 0; i < 60; i++)
        {
            var snapshot = (await table.GetSnapshotAsync(null, Token))!;
            Assert.Equal(live.Select(file => file.Path).Order(StringComparer.Ordinal), snapshot.Files.Select(file => file.Path).Order(StringComparer.Ordinal));
            Assert.Equal(live.Sum(file => file.NumRecords), snapshot.RowCount);
            versions.Add((snapshot, Describe(snapshot)));
            var transaction = table.BeginTransaction(snapshot);
            foreach (var file in live.Where(_ => random.Next(4) == 0).ToList())
            {
                live.Remove(file);
                transaction.Remove(file);
            }

            for (var files = random.Next(4); files > 0; files--)
            {
                live.Add(new AddFile($"f{i}-{files}.parquet", new Dictionary<string, string?>(), 100, 1, true, random.Next(100), null));
                transaction.Add(live[^1] with { Stats = $"{{\"numRecords\":{live[^1].NumRecords}}}" });
            }

            Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Token));
        }

        foreach (var (snapshot, text) in versions)
        {
            Assert.Equal(text, Describe(snapshot));
            Assert.Equal(text, Describe((await _fixture.Open().GetSnapshotAsync(snapshot.Version, Token))!));
        }
    }

    private DeltaTable Open() => _fixture.Open(new DeltaTableOptions { OnFault = (what, _) => _faults.Add(what) });

    private async Task FillAsync(int appends)
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        for (var i = 0; i < appends; i++)
            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 10, 10));
    }

    /// <summary>The files whether or not a reader of rows supports the table's features.</summary>
    private async Task<IReadOnlyList<AddFile>> FilesAsync() =>
        (await new SnapshotReader(new LogFolder(_fixture.TablePath, new LocalTableStore()), new DeltaTableOptions()).ReadAsync(null, Token))!.Files.Share().Files;

    /// <summary>Times of Spark as the ISO form that a struct is turned into.</summary>
    private static string? Iso(string column, string? value) => !column.StartsWith("part_timestamp", StringComparison.Ordinal) || value is null
        ? value
        : $"{value.Replace(' ', 'T')}000{(column == "part_timestamp" ? "Z" : "")}";

    private static string Describe(Snapshot snapshot) => string.Join('\n', snapshot.Files
        .Select(file => $"{file.Path}|{file.Size}|{file.NumRecords}|{file.ModificationTime}|{file.Stats}|{string.Join(",", file.PartitionValues)}")
        .Order(StringComparer.Ordinal)
        .Append($"{snapshot.Version} {snapshot.RowCount} {snapshot.Name}"));

    public void Dispose() => _fixture.Dispose();

    /// <summary>A store whose listings lack a file.</summary>
    private sealed class ForgetfulStore(string name) : ITableStore
    {
        private readonly ITableStore _inner = new LocalTableStore();

        public Task<bool> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => _inner.PutIfAbsentAsync(path, content, cancellationToken);

        public Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => _inner.ReplaceAsync(path, content, cancellationToken);

        public Task<StoredFile?> ReadAsync(string path, CancellationToken cancellationToken) => _inner.ReadAsync(path, cancellationToken);

        public bool IsLocal => true;

        public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => _inner.ExistsAsync(path, cancellationToken);

        public IAsyncEnumerable<ListedFile> ListAsync(string folder, string? after, CancellationToken cancellationToken) => _inner.ListAsync(folder, after, cancellationToken).Where(file => Path.GetFileName(file.Path) != name);

        public IAsyncEnumerable<ListedFile> ListTreeAsync(string folder, CancellationToken cancellationToken) => _inner.ListTreeAsync(folder, cancellationToken);

        public async Task<bool> PutIfAbsentAsync(string path, Func<Stream, Task> write, bool durable, CancellationToken cancellationToken)
        {
            using var content = new MemoryStream();
            await write(content);
            return await PutIfAbsentAsync(path, content.ToArray(), cancellationToken);
        }

        public Task<Stream?> OpenReadAsync(string path, CancellationToken cancellationToken) => _inner.OpenReadAsync(path, cancellationToken);

        public Task<(long Size, long ModifiedAt)?> DescribeAsync(string path, CancellationToken cancellationToken) => _inner.DescribeAsync(path, cancellationToken);

        public Task DeleteAsync(string path, CancellationToken cancellationToken) => _inner.DeleteAsync(path, cancellationToken);

        public Task PrepareCommitAsync(string table, bool isNew, IEnumerable<string> paths, CancellationToken cancellationToken) => _inner.PrepareCommitAsync(table, isNew, paths, cancellationToken);

        public Task<IFetchedFiles> FetchAsync(string table, IReadOnlyList<WantedFile> files, CancellationToken cancellationToken) => _inner.FetchAsync(table, files, cancellationToken);

        public IStagedFiles Stage(string table) => _inner.Stage(table);
    }
}
