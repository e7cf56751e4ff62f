namespace RealTimeMesh.DeltaLake.Tests;

public sealed class ProtocolTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{\"minReaderVersion\":99,\"minWriterVersion\":7}", "reader version 99")]
    [InlineData("{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\",\"madeUp\"],\"writerFeatures\":[\"deletionVectors\",\"madeUp\"]}", "feature madeUp;")]
    public async Task A_table_with_unknown_reader_features_is_refused_by_name(string protocol, string named)
    {
        await ReplaceProtocolAsync(protocol);
        var fault = await Assert.ThrowsAsync<DeltaUnsupportedException>(() => _fixture.Open().GetSnapshotAsync(null, Token));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"minReaderVersion\":1,\"minWriterVersion\":8}", "writer version 8")]
    [InlineData("{\"minReaderVersion\":1,\"minWriterVersion\":7,\"writerFeatures\":[\"appendOnly\",\"icebergCompatV2\"]}", "icebergCompatV2")]
    public async Task A_table_with_unknown_writer_features_is_read_but_not_written(string protocol, string named)
    {
        await ReplaceProtocolAsync(protocol);
        var table = _fixture.Open();
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.Contains(named, Assert.Throws<DeltaUnsupportedException>(() => table.BeginTransaction(snapshot)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Tables => ["dat_basic_append", "dat_multi_partitioned", "golden_primitives", "golden_inserts_updates", "golden_deletes_checkpoint", "golden_multi_part_checkpoint", "golden_time_travel", "golden_decimal", "trino_uri", "trino_append_only", "trino_crc_checksum", "kernel_app_txn_checkpoint"];

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Tables_of_other_engines_have_the_rows_they_should_have(string name)
    {
        var folder = SharedTables.Find(name);
        Assert.SkipWhen(folder is null, "the collection of ready-made tables is not beside this repository");
        var snapshot = (await DeltaTable.At(Path.Combine(folder!, "delta"), new DeltaTableOptions(), _fixture.Time).GetSnapshotAsync(null, Token))!;
        var expected = (await File.ReadAllLinesAsync(Path.Combine(folder!, "expected", "rows.jsonl"), Token)).Count(line => line.Length > 0);
        var files = string.Join(", ", snapshot.Files.Select(file => $"'{Path.Combine(folder!, "delta", file.Path).Replace("'", "''", StringComparison.Ordinal)}'"));
        Assert.All(snapshot.Files, file => Assert.True(File.Exists(Path.Combine(folder!, "delta", file.Path)) || name == "kernel_app_txn_checkpoint", file.Path));
        if (name != "kernel_app_txn_checkpoint")
            Assert.Equal((long)expected, snapshot.Files.Count == 0 ? 0L : TableFixture.Query($"select count(*) from read_parquet([{files}], hive_partitioning=false)")[0][0]);
        if (snapshot.RowCount >= 0)
            Assert.Equal(expected, snapshot.RowCount);
    }

    private async Task ReplaceProtocolAsync(string protocol)
    {
        _fixture.IsDamaged = true;
        await _fixture.CreateAsync(_fixture.Open());
        var path = Path.Combine(_fixture.TablePath, "_delta_log", $"{0:D20}.json");
        var lines = await File.ReadAllLinesAsync(path, Token);
        await File.WriteAllLinesAsync(path, lines.Select(line => line.StartsWith("{\"protocol\"", StringComparison.Ordinal) ? $"{{\"protocol\":{protocol}}}" : line), Token);
    }

    public void Dispose() => _fixture.Dispose();
}
