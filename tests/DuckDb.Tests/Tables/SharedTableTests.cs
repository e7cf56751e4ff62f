using System.Text.Json;
using System.Text.RegularExpressions;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class SharedTableTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> WithRows =>
    [
        "dat_basic_append", "dat_multi_partitioned", "dat_writer_append", "golden_primitives", "golden_nested_struct", "golden_inserts_updates",
        "golden_deletes_checkpoint", "golden_multi_part_checkpoint", "trino_v2_checkpoint_json", "golden_dv_partitioned_checkpoint", "kernelj_dv_small",
        "golden_timestamp_ntz", "golden_decimal", "golden_time_travel", "deltars_cdf_table", "kernel_app_txn_checkpoint", "trino_uri",
        "trino_in_commit_timestamp", "golden_type_widening", "trino_crc_checksum", "trino_partition_values_parsed", "trino_append_only", "trino_liquid_clustering",
    ];

    [Theory]
    [MemberData(nameof(WithRows))]
    public async Task Rows_of_a_table_of_another_engine_are_those_expected(string name)
    {
        var folder = SharedTables.Folder(name);
        var table = Open(folder);
        var expected = await File.ReadAllLinesAsync(Path.Combine(folder, "expected", "rows.jsonl"), Cancel);
        Assert.Equal(SharedTables.Rows(expected), SharedTables.Rows(await HandMadeTable.LinesAsync(table.ReadAsync(null, Cancel))));
    }

    [Fact]
    public async Task Columns_mapped_by_name_have_the_values_that_Spark_read()
    {
        var folder = SharedTables.Folder("golden_column_mapping_name");
        using var session = DuckDbSession.Open(new DuckDbOptions());
        using var rows = await session.OpenArrowAsync($"SELECT * FROM read_parquet({SqlText.Literal(Path.Combine(folder, "expected", "upstream", "*.parquet"))})", Cancel);
        var expected = await HandMadeTable.LinesAsync(rows.ReadAsync(Cancel));
        Assert.Equal(SharedTables.Rows(expected), SharedTables.Rows(await HandMadeTable.LinesAsync(Open(folder).ReadAsync(null, Cancel))));
        Assert.Equal(6, expected.Count);
    }

    [Theory]
    [MemberData(nameof(WithRows))]
    public async Task Every_version_has_the_files_and_rows_expected(string name)
    {
        var folder = SharedTables.Folder(name);
        var table = Open(folder);
        using var versions = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "expected", "versions.json"), Cancel));
        foreach (var expected in versions.RootElement.EnumerateArray())
        {
            var version = expected.GetProperty("version").GetInt64();
            var snapshot = (await table.GetSnapshotAsync(version, Cancel))!;
            Assert.Equal(expected.GetProperty("files").GetInt32(), snapshot.Files.Count);
            if (expected.GetProperty("rows").ValueKind != JsonValueKind.Number)
                continue;
            var rows = 0L;
            await foreach (var batch in table.ReadAsync(new ReadOptions { Version = version }, Cancel))
            {
                using (batch)
                    rows += batch.Length;
            }

            Assert.Equal(expected.GetProperty("rows").GetInt64(), rows);
        }
    }

    [Fact]
    public async Task A_table_that_needs_a_newer_reader_is_refused_by_name()
    {
        var folder = SharedTables.Folder("golden_invalid_protocol");
        var fault = await Assert.ThrowsAsync<DeltaUnsupportedException>(() => Open(folder).GetSnapshotAsync((long?)null, Cancel));
        Assert.Contains("reader version 99", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_of_a_table_of_another_engine_are_those_expected()
    {
        var folder = SharedTables.Folder("deltars_cdf_table");
        var expected = await File.ReadAllLinesAsync(Path.Combine(folder, "expected", "cdf.jsonl"), Cancel);
        var lines = await HandMadeTable.LinesAsync(Open(folder).ReadChangesAsync(0, null, Cancel));
        Assert.Equal(SharedTables.Rows(expected), SharedTables.Rows(lines.Select(line => Regex.Replace(line, ",\"_commit_timestamp\":\"[^\"]*\"", ""))));
    }

    private static DeltaTable Open(string folder) =>
        DeltaTable.At(Path.Combine(folder, "delta"), new DeltaTableOptions { Engine = new DuckDbTableEngine(new DuckDbOptions()) }, TimeProvider.System);
}
