using System.Buffers;
using System.Text;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class SharedTableTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> WithRows =>
    [
        "dat_basic_append", "dat_multi_partitioned", "dat_writer_append", "golden_primitives", "golden_nested_struct", "golden_inserts_updates",
        "golden_deletes_checkpoint", "golden_multi_part_checkpoint", "kernelj_dv_small",
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
        Assert.Equal(SharedTables.Rows(expected), SharedTables.Rows(await LinesAsync(table.ReadAsync(null, Cancel))));
    }

    [Fact]
    public async Task Changes_of_a_table_of_another_engine_are_those_expected()
    {
        var folder = SharedTables.Folder("deltars_cdf_table");
        var expected = await File.ReadAllLinesAsync(Path.Combine(folder, "expected", "cdf.jsonl"), Cancel);
        var lines = await LinesAsync(Open(folder).ReadChangesAsync(0, null, Cancel));
        Assert.Equal(SharedTables.Rows(expected), SharedTables.Rows(lines.Select(line => System.Text.RegularExpressions.Regex.Replace(line, ",\"_commit_timestamp\":\"[^\"]*\"", ""))));
    }

    private static DeltaTable Open(string folder) =>
        DeltaTable.At(Path.Combine(folder, "delta"), new DeltaTableOptions { Engine = new DuckDbTableEngine(new DuckDbOptions()) }, TimeProvider.System);

    private static async Task<IReadOnlyList<string>> LinesAsync(IAsyncEnumerable<Apache.Arrow.RecordBatch> batches)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonRows? json = null;
        await foreach (var batch in batches)
        {
            using (batch)
                (json ??= new JsonRows(batch.Schema)).Write(batch, output);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
