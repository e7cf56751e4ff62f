using RealTimeMesh.DeltaLake.Validation;
using RealTimeMesh.Testing.DeltaLogs;

namespace RealTimeMesh.DeltaLake.Tests;

/// <summary>The validator finds what is wrong in a log and nothing in logs that are right.</summary>
public sealed class LogValidatorTests : IDisposable
{
    private readonly TableFixture _fixture = new() { IsDamaged = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Tables =>
    [
        "dat_basic_append", "dat_multi_partitioned", "dat_writer_append", "deltars_cdf_table", "golden_column_mapping_name", "golden_decimal", "golden_deletes_checkpoint", "golden_dv_partitioned_checkpoint",
        "golden_inserts_updates", "golden_multi_part_checkpoint", "golden_nested_struct", "golden_primitives", "golden_time_travel", "golden_timestamp_ntz", "golden_type_widening", "kernel_app_txn_checkpoint",
        "kernelj_dv_small", "trino_append_only", "trino_crc_checksum", "trino_in_commit_timestamp", "trino_liquid_clustering", "trino_partition_values_parsed", "trino_uri", "trino_v2_checkpoint_json",
    ];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Logs_of_other_engines_have_no_faults(string name)
    {
        using var parquet = new DuckDbParquetFiles();
        Assert.Empty(DeltaLogValidator.Validate(SharedTables.Table(name), new LogValidation { Parquet = parquet, VerifyData = true, Strict = false, ExpectFiles = name != "kernel_app_txn_checkpoint" }));
    }

    [Fact]
    public async Task A_log_of_this_library_has_no_faults()
    {
        await FillAsync();
        Assert.Empty(Validate());
    }

    [Theory]
    [InlineData(0, "\"minReaderVersion\":1", "\"minReaderVersion\":3", "protocol.minWriterVersion: found 2; expected 7")]
    [InlineData(0, "\"minWriterVersion\":2", "\"minWriterVersion\":\"2\"", "protocol, minWriterVersion: found \"2\"; expected Whole")]
    [InlineData(0, "\"partitionColumns\":[\"day\"]", "\"partitionColumns\":[\"dya\"]", "metaData.partitionColumns: found dya")]
    [InlineData(0, "\"provider\":\"parquet\"", "\"provider\":\"orc\"", "expected provider parquet")]
    [InlineData(0, "\"configuration\":{", "\"configuration\":{\"delta.enableDeletionVectors\":\"true\",", "expected deletionVectors: delta.enableDeletionVectors is true")]
    [InlineData(0, "\\\"name\\\":\\\"n\\\"", "\\\"name\\\":\\\"I\\\"", "2 times; expected names that differ")]
    [InlineData(1, "\"dataChange\":true", "\"dataChange\":\"true\"", "dataChange: found \"true\"; expected Flag")]
    [InlineData(1, "\"dataChange\":true", "\"dataChange\":true,\"extra\":1", "extra: found 1; expected no field of this name")]
    [InlineData(1, "\"dataChange\":true", "\"dataChange\":true,\"deletionVector\":null", "deletionVector: found null; expected no field")]
    [InlineData(1, "\"partitionValues\":{\"day\":", "\"partitionValues\":{\"dya\":", "expected values of day")]
    [InlineData(1, "\"partitionValues\":{\"day\":\"2", "\"partitionValues\":{\"day\":\"x2", "expected a date")]
    [InlineData(1, "\\\"numRecords\\\":", "\\\"numRecords\\\":1", "of the file")]
    [InlineData(1, "\\\"minValues\\\":{\\\"id\\\":\\\"id-", "\\\"minValues\\\":{\\\"id\\\":\\\"id-9", "bounds around all values")]
    [InlineData(1, "\\\"nullCount\\\":{\\\"id\\\":0", "\\\"nullCount\\\":{\\\"id\\\":1", "nullCount of id 1")]
    [InlineData(1, "\\\"nullCount\\\":{\\\"id\\\"", "\\\"nullCount\\\":{\\\"ID\\\"", "expected a column of the table")]
    [InlineData(1, "\"size\":", "\"size\":1", "bytes of the file")]
    [InlineData(1, "\"txnId\":", "\"txnID\":", "commitInfo.txnId: found nothing")]
    [InlineData(1, "\"isBlindAppend\":true", "\"isBlindAppend\":1", "commitInfo.isBlindAppend: found 1")]
    [InlineData(3, "\"remove\":{\"path\":\"", "\"remove\":{\"path\":\"x", "expected a live file")]
    [InlineData(3, "\"extendedFileMetadata\":true", "\"extendedFileMetadata\":false", "expected extendedFileMetadata")]
    [InlineData(3, "\"appId\":\"app\"", "\"appID\":\"app\"", "appId: found no such field")]
    public async Task A_change_of_a_commit_is_found(int version, string text, string changed, string fault)
    {
        await FillAsync();
        var path = Path.Combine(_fixture.TablePath, "_delta_log", $"{version:D20}.json");
        var before = await File.ReadAllTextAsync(path, Token);
        Assert.True(before.Contains(text, StringComparison.Ordinal), $"{text} is not in {before}");
        await File.WriteAllTextAsync(path, before.Replace(text, changed, StringComparison.Ordinal), Token);
        Assert.Contains(Validate(), found => found.ToString().Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("00000000000000000003.crc", "\"numFiles\":", "\"numFiles\":1", "numFiles")]
    [InlineData("00000000000000000003.crc", "\"appId\":\"app\"", "\"appId\":\"apq\"", "setTransactions")]
    [InlineData("_last_checkpoint", "\"version\":2", "\"version\":3", "_last_checkpoint, version")]
    [InlineData("_last_checkpoint", "\"numOfAddFiles\":", "\"numOfAddFiles\":1", "numOfAddFiles")]
    public async Task A_figure_that_is_not_that_of_the_log_is_found(string name, string text, string changed, string fault)
    {
        await FillAsync();
        var path = Path.Combine(_fixture.TablePath, "_delta_log", name);
        var before = await File.ReadAllTextAsync(path, Token);
        Assert.True(before.Contains(text, StringComparison.Ordinal), $"{text} is not in {before}");
        await File.WriteAllTextAsync(path, before.Replace(text, changed, StringComparison.Ordinal), Token);
        Assert.Contains(Validate(), found => found.ToString().Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_checkpoint_that_is_not_the_state_of_its_version_is_found()
    {
        await FillAsync();
        var log = Path.Combine(_fixture.TablePath, "_delta_log");
        File.Copy(Path.Combine(log, $"{2:D20}.checkpoint.parquet"), Path.Combine(log, $"{3:D20}.checkpoint.parquet"));
        var faults = Validate().Where(fault => fault.Version == 3).Select(fault => fault.ToString()).ToList();
        Assert.Contains(faults, fault => fault.Contains("txn 'app'", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("none: the log has it not at this version", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("the tombstone, which has not expired", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_version_that_is_missing_and_an_action_that_is_there_twice_are_found()
    {
        await FillAsync();
        var log = Path.Combine(_fixture.TablePath, "_delta_log");
        var lines = await File.ReadAllLinesAsync(Path.Combine(log, $"{1:D20}.json"), Token);
        await File.AppendAllTextAsync(Path.Combine(log, $"{1:D20}.json"), lines[^1] + "\n", Token);
        File.Delete(Path.Combine(log, $"{2:D20}.json"));
        var faults = Validate().Select(fault => fault.ToString()).ToList();
        Assert.Contains(faults, fault => fault.Contains("2 actions; expected one of each kind for a path", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("version 2, _delta_log: found no commit", StringComparison.Ordinal));
    }

    public void Dispose() => _fixture.Dispose();

    private IReadOnlyList<LogFault> Validate()
    {
        using var parquet = new DuckDbParquetFiles();
        return DeltaLogValidator.Validate(_fixture.TablePath, new LogValidation { Parquet = parquet, VerifyData = true, Now = _fixture.Time.GetUtcNow() });
    }

    /// <summary>Two appends to a partitioned table, a checkpoint, and a removal with a transaction.</summary>
    private async Task FillAsync()
    {
        var table = _fixture.Open(new DeltaTableOptions { CheckpointInterval = 2 });
        var snapshot = await _fixture.CreateAsync(table, "day");
        await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 20));
        await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(20, 20));
        snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).SetTransaction("app", 1).CommitAsync("DELETE", new Dictionary<string, string>(), Token));
    }
}
