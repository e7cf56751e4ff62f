using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.DeltaLake.Tests;

public sealed class CheckpointWritingTests : IDisposable
{
    private const string SchemaText = """
        {"type":"struct","fields":[{"name":"b","type":"byte","nullable":true,"metadata":{}},{"name":"s","type":"short","nullable":true,"metadata":{}},{"name":"i","type":"integer","nullable":true,"metadata":{}},{"name":"l","type":"long","nullable":true,"metadata":{}},
        {"name":"f","type":"float","nullable":true,"metadata":{}},{"name":"d","type":"double","nullable":true,"metadata":{}},{"name":"text","type":"string","nullable":true,"metadata":{}},{"name":"flag","type":"boolean","nullable":true,"metadata":{}},{"name":"bytes","type":"binary","nullable":true,"metadata":{}},
        {"name":"day","type":"date","nullable":true,"metadata":{}},{"name":"at","type":"timestamp","nullable":true,"metadata":{}},{"name":"ntz","type":"timestamp_ntz","nullable":true,"metadata":{}},{"name":"small","type":"decimal(9,2)","nullable":true,"metadata":{}},{"name":"wide","type":"decimal(38,10)","nullable":true,"metadata":{}},
        {"name":"nested","type":{"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}},{"name":"y","type":{"type":"struct","fields":[{"name":"z","type":"string","nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}},
        {"name":"list","type":{"type":"array","elementType":"integer","containsNull":true},"nullable":true,"metadata":{}},{"name":"p","type":"date","nullable":true,"metadata":{}},{"name":"q","type":"string","nullable":true,"metadata":{}}]}
        """;

    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_fixture.TablePath, "_delta_log");

    public static TheoryData<int, string> Cases => new((from seed in Enumerable.Range(0, 6) from form in new[] { "classic", "struct", "both", "v2", "v2struct" } select (seed, form)).Select(item => new TheoryDataRow<int, string>(item.seed, item.form)));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_checkpoint_of_any_form_tells_all_that_the_log_tells(int seed, string form)
    {
        await WriteRandomLogAsync(new Random(seed), form);
        var expected = await StateAsync();
        await new CheckpointWriter(new LogFolder(_fixture.TablePath, new LocalTableStore()), new DeltaTableOptions(), _fixture.Time).WriteAsync(await StateAsync(), (await StateAsync()).ToSnapshot(), Token);
        foreach (var path in Directory.GetFiles(Log, "*.json").Where(path => !path.Contains("checkpoint", StringComparison.Ordinal)))
            File.Delete(path);
        var isV2 = form.StartsWith("v2", StringComparison.Ordinal);
        Assert.Equal(isV2 ? 1 : 0, Directory.GetFiles(Log, "*.checkpoint.*-*.json").Length);
        Assert.Equal(isV2 ? 0 : 1, Directory.GetFiles(Log, "*.checkpoint.parquet").Length);
        Assert.Empty(Directory.GetFiles(Log, ".*"));
        var asJson = !form.EndsWith("struct", StringComparison.Ordinal);
        Assert.Equal(Describe(expected, asJson, retained: true), Describe(await StateAsync(), asJson, retained: false));
    }

    [Fact]
    public async Task Struct_columns_have_the_types_of_the_table()
    {
        _fixture.IsDamaged = true;
        await WriteRandomLogAsync(new Random(99), "both");
        await new CheckpointWriter(new LogFolder(_fixture.TablePath, new LocalTableStore()), new DeltaTableOptions(), _fixture.Time).WriteAsync(await StateAsync(), (await StateAsync()).ToSnapshot(), Token);
        var path = Directory.GetFiles(Log, "*.checkpoint.parquet")[0];
        var types = TableFixture.Query($"select column_type from (describe select add.partitionValues_parsed, add.stats_parsed.minValues, add.stats_parsed.nullCount, add.stats_parsed.numRecords from '{path}')").Select(row => TableFixture.Text(row[0])).ToList();
        Assert.Equal("STRUCT(p DATE, q VARCHAR)", types[0]);
        Assert.Equal("STRUCT(b TINYINT, s SMALLINT, i INTEGER, l BIGINT, f FLOAT, d DOUBLE, \"text\" VARCHAR, \"day\" DATE, \"at\" TIMESTAMP WITH TIME ZONE, ntz TIMESTAMP, small DECIMAL(9,2), wide DECIMAL(38,10), nested STRUCT(x BIGINT, y STRUCT(z VARCHAR)))", types[1]);
        Assert.Equal("STRUCT(b BIGINT, s BIGINT, i BIGINT, l BIGINT, f BIGINT, d BIGINT, \"text\" BIGINT, flag BIGINT, bytes BIGINT, \"day\" BIGINT, \"at\" BIGINT, ntz BIGINT, small BIGINT, wide BIGINT, nested STRUCT(x BIGINT, y STRUCT(z BIGINT)), list BIGINT)", types[2]);
        Assert.Equal("BIGINT", types[3]);
        var rows = TableFixture.Query($"select add.stats, add.stats_parsed.numRecords, add.stats_parsed.minValues.l from '{path}' where add.path is not null");
        Assert.Equal((await StateAsync()).Files.Count, rows.Count);
        foreach (var row in rows)
        {
            var stats = row[0] is string text ? JsonNode.Parse(text)! : null;
            Assert.Equal(stats?["numRecords"]?.GetValue<long>(), (long?)row[1]);
            Assert.Equal(stats?["minValues"]?["l"]?.GetValue<long>(), (long?)row[2]);
        }

        Assert.Equal(0L, TableFixture.Query($"select count(*) from '{path}' where add.stats = '' or add.clusteringProvider = '' or metaData.description = ''")[0][0]);
    }

    [Fact]
    public async Task Every_commit_has_a_checksum_file_that_agrees_with_a_replay()
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        for (var i = 0; i < 6; i++)
        {
            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 10, 10), ("app", i));
            snapshot = (await table.GetSnapshotAsync(null, Token))!;
            if (i == 3)
                Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[1]).CommitAsync("DELETE", new Dictionary<string, string>(), Token));
        }

        var reader = new SnapshotReader(new LogFolder(_fixture.TablePath, new LocalTableStore()), new DeltaTableOptions());
        for (long version = 0; version <= 7; version++)
        {
            var state = (await reader.ReadAsync(version, Token))!;
            using var crc = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Log, $"{version:D20}.crc"), Token));
            var root = crc.RootElement;
            var files = state.ToSnapshot().Files;
            Assert.Equal((files.Count, files.Sum(file => file.Size)), (root.GetProperty("numFiles").GetInt32(), root.GetProperty("tableSizeBytes").GetInt64()));
            Assert.Equal((1, 1), (root.GetProperty("numMetadata").GetInt32(), root.GetProperty("numProtocol").GetInt32()));
            Assert.Equal(state.LastCommit!.TxnId, root.GetProperty("txnId").GetString());
            Assert.Equal(state.Metadata!.SchemaString, root.GetProperty("metadata").GetProperty("schemaString").GetString());
            Assert.Equal(state.Transactions.Count(), root.GetProperty("setTransactions").GetArrayLength());
            Assert.Equal(2, root.GetProperty("protocol").GetProperty("minWriterVersion").GetInt32());
        }

        Assert.Empty(Directory.GetFiles(Log, ".*"));
        var without = _fixture.Open(new DeltaTableOptions { WriteChecksums = false });
        await TableFixture.AppendAsync(without, (await without.GetSnapshotAsync(null, Token))!, TableFixture.Rows(100, 10));
        Assert.False(File.Exists(Path.Combine(Log, $"{8:D20}.crc")));
    }

    [Fact]
    public async Task A_checksum_whose_name_is_taken_stays_as_it_is()
    {
        _fixture.IsDamaged = true;
        List<string> faults = [];
        var table = _fixture.Open(new DeltaTableOptions { OnFault = (what, _) => faults.Add(what) });
        var snapshot = await _fixture.CreateAsync(table);
        await File.WriteAllTextAsync(Path.Combine(Log, $"{1:D20}.crc"), "of another writer", Token);
        Assert.IsType<CommitResult.Committed>(await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 10)));
        Assert.Equal("of another writer", await File.ReadAllTextAsync(Path.Combine(Log, $"{1:D20}.crc"), Token));
        Assert.Empty(faults);
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_does_not_fail_the_commit_and_is_told()
    {
        _fixture.IsDamaged = true;
        List<string> faults = [];
        var table = _fixture.Open(new DeltaTableOptions { OnFault = (what, _) => faults.Add(what), CheckpointInterval = 1 });
        var snapshot = await _fixture.CreateAsync(table);
        // The hint cannot replace a folder.
        Directory.CreateDirectory(Path.Combine(Log, "_last_checkpoint", "inside"));
        Assert.IsType<CommitResult.Committed>(await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 10)));
        Assert.Contains("the commit stands", Assert.Single(faults), StringComparison.Ordinal);
        Assert.Equal(10, (await _fixture.Open().GetSnapshotAsync(null, Token))!.RowCount);
    }

    private async Task<TableState> StateAsync() => (await new SnapshotReader(new LogFolder(_fixture.TablePath, new LocalTableStore()), new DeltaTableOptions { OnFault = (what, fault) => Assert.Fail($"{what}: {fault}") }).ReadAsync(null, Token))!;

    private async Task WriteRandomLogAsync(Random random, string form)
    {
        Directory.CreateDirectory(Log);
        var configuration = new Dictionary<string, string?>();
        if (form is "struct" or "v2struct" or "both")
            configuration["delta.checkpoint.writeStatsAsStruct"] = "true";
        if (form is "struct" or "v2struct")
            configuration["delta.checkpoint.writeStatsAsJson"] = "false";
        if (form.StartsWith("v2", StringComparison.Ordinal))
            configuration["delta.checkpointPolicy"] = "v2";
        var now = _fixture.Time.GetUtcNow().ToUnixTimeMilliseconds();
        List<AddFile> live = [];
        for (var version = 0; version < 12; version++)
        {
            var commit = new LogCommit();
            if (version == 0)
            {
                commit.Protocol = new ProtocolAction(3, 7, ["deletionVectors", "timestampNtz", "v2Checkpoint"], ["deletionVectors", "domainMetadata", "rowTracking", "timestampNtz", "v2Checkpoint"]);
                commit.Metadata = new MetadataAction(Guid.NewGuid().ToString(), "näme", random.Next(2) == 0 ? null : "text", SchemaText, ["p", "q"], configuration, now);
            }

            foreach (var file in live.Where(_ => random.Next(5) == 0).ToList())
            {
                live.Remove(file);
                commit.Removes.Add(new RemoveFile(file.Path, now - (random.Next(2) == 0 ? 0 : 8L * 24 * 3600 * 1000), true, file.PartitionValues, file.Size) { DeletionVector = file.DeletionVector, BaseRowId = file.BaseRowId, DefaultRowCommitVersion = file.DefaultRowCommitVersion });
            }

            for (var count = random.Next(6); count > 0; count--)
                live.Add(RandomFile(random, $"p=x/f {version}-{count}%.parquet"));
            commit.Adds.AddRange(live.Where(file => file.Path.StartsWith($"p=x/f {version}-", StringComparison.Ordinal)));
            for (var count = random.Next(3); count > 0; count--)
                commit.Transactions.Add(new TransactionId($"app-{count}-{random.Next(4)}", version, random.Next(2) == 0 ? null : now));
            if (random.Next(3) == 0)
                commit.Domains.Add(new DomainMetadata($"domain-{random.Next(3)}", "{\"a\":1}", version > 2 && random.Next(3) == 0));
            await File.WriteAllBytesAsync(Path.Combine(Log, $"{version:D20}.json"), ActionWriter.Write(commit).ToArray(), Token);
        }
    }

    private static AddFile RandomFile(Random random, string path)
    {
        var rows = random.Next(1, 1000);
        return new AddFile(path, new Dictionary<string, string?> { ["p"] = random.Next(3) == 0 ? null : "2024-02-29", ["q"] = random.Next(3) == 0 ? null : "a\"b/ü" }, random.Next(1, 100_000), random.NextInt64(1L << 40), true, rows, RandomStats(random, rows))
        {
            Tags = random.Next(3) == 0 ? new Dictionary<string, string?> { ["ZCUBE_ID"] = "x", ["none"] = null } : null,
            DeletionVector = random.Next(3) == 0 ? new DeletionVectorDescriptor("u", "ab^-aqEH.-t@S}K{vb[*k^", random.Next(2) == 0 ? null : random.Next(1000), 40, 1) : null,
            BaseRowId = random.Next(2) == 0 ? null : random.NextInt64(1L << 40),
            DefaultRowCommitVersion = random.Next(2) == 0 ? null : random.Next(10),
            ClusteringProvider = random.Next(4) == 0 ? "liquid" : null,
        };
    }

    private static string? RandomStats(Random random, int rows)
    {
        if (random.Next(6) == 0)
            return null;
        if (random.Next(6) == 0)
            return string.Create(CultureInfo.InvariantCulture, $"{{\"numRecords\":{rows}}}");
        string Bounds(int add) => string.Create(CultureInfo.InvariantCulture, $"{{\"b\":{-128 + add},\"s\":{random.Next(-32768, 32767)},\"i\":{random.Next()},\"l\":{random.NextInt64()},\"f\":{random.Next(1000)}.5,\"d\":{random.Next(1000)}.25,\"text\":\"ä\\\"{random.Next()}\",\"day\":\"19{random.Next(10, 99)}-02-28\",\"at\":\"2024-02-29T01:02:03.{random.Next(100, 999)}Z\",\"ntz\":\"1900-01-01T00:00:00.000\",\"small\":-{random.Next(1000)}.05,\"wide\":{random.Next(1000)}.1234567891,\"nested\":{{\"x\":{random.Next()},\"y\":{{\"z\":\"q\"}}}}}}");
        return string.Create(CultureInfo.InvariantCulture, $"{{\"numRecords\":{rows},\"minValues\":{Bounds(0)},\"maxValues\":{Bounds(9)},\"nullCount\":{{\"b\":0,\"flag\":{random.Next(9)},\"nested\":{{\"x\":3,\"y\":{{\"z\":1}}}},\"list\":2}},\"tightBounds\":{(random.Next(2) == 0 ? "true" : "false")}}}");
    }

    private string Describe(TableState state, bool asJson, bool retained)
    {
        var oldest = (_fixture.Time.GetUtcNow() - TimeSpan.FromDays(7)).ToUnixTimeMilliseconds();
        var snapshot = state.ToSnapshot();
        return string.Join('\n', snapshot.Files.Select(file => $"{file.Path}|{file.Size}|{file.NumRecords}|{file.ModificationTime}|{Stats(file.Stats, asJson)}|{Map(file.PartitionValues)}|{Map(file.Tags)}|{file.DeletionVector}|{file.BaseRowId}|{file.DefaultRowCommitVersion}|{file.ClusteringProvider ?? "null"}")
            .Concat(state.Tombstones.Where(file => !retained || file.DeletionTimestamp >= oldest).Select(file => $"remove {file.Path}|{file.DeletionTimestamp}|{Map(file.PartitionValues)}|{file.Size}|{file.DeletionVector}|{file.BaseRowId}|{file.DefaultRowCommitVersion}"))
            .Order(StringComparer.Ordinal)
            .Concat(state.Transactions.Select(item => item.ToString()))
            .Concat(state.Domains.Select(item => item.ToString()))
            .Append($"{snapshot.Version} {snapshot.Name} {state.Metadata!.Description ?? "null"} {state.Metadata.Id} {state.Metadata.SchemaString} {Map(state.Metadata.Configuration)} {string.Join(",", state.Metadata.PartitionColumns)} {state.Metadata.CreatedTime} {state.Protocol!.MinReaderVersion} {string.Join(",", state.Protocol.WriterFeatures!)} {string.Join(",", state.Protocol.ReaderFeatures!)}"));
    }

    private static string Map(IReadOnlyDictionary<string, string?>? map) => map is null ? "null" : string.Join(",", map.OrderBy(item => item.Key, StringComparer.Ordinal));

    /// <summary>Struct statistics have all digits of a time; the text of Spark has milliseconds.</summary>
    private static string? Stats(string? stats, bool asJson) => asJson ? stats ?? "null" : stats is null ? null : Sorted(JsonNode.Parse(stats)!);

    private static string Sorted(JsonNode node) => node is JsonObject item
        ? $"{{{string.Join(",", item.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}:{Sorted(pair.Value!)}"))}}}"
        : node.GetValueKind() == JsonValueKind.String && node.GetValue<string>() is var text && (text.EndsWith("000Z", StringComparison.Ordinal) || text.EndsWith("00:00:00.000000", StringComparison.Ordinal))
            ? "\"" + (text.EndsWith('Z') ? text[..^4] + "Z" : text[..^3]) + "\""
            : node.ToJsonString();

    public void Dispose() => _fixture.Dispose();
}
