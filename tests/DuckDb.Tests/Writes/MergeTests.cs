using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>What a merge does, refuses and tells.</summary>
public sealed class MergeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Merge_updates_deletes_and_inserts_by_the_first_clause_that_applies(string vectors)
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT * FROM (VALUES (1::BIGINT, 'a'), (2, 'b'), (3, 'c'), (4, 'd')) v(id, name)", null, ("delta.enableDeletionVectors", vectors));
        var result = await fixture.Table.Merge(RowSource.Query("SELECT * FROM (VALUES (2::BIGINT, 'B', false), (3, 'C', true), (9, 'I', false), (8, 'J', true)) v(id, name, gone)"), "target.id = source.id")
            .WhenMatchedDelete("source.gone")
            .WhenMatchedUpdate(new Dictionary<string, string> { ["name"] = "source.name || '!'" })
            .WhenNotMatchedInsert(new Dictionary<string, string> { ["id"] = "source.id", ["name"] = "source.name" }, "NOT source.gone")
            .WhenNotMatchedBySourceUpdate(new Dictionary<string, string> { ["name"] = "upper(target.name)" }, "target.id = 4")
            .RunAsync(Cancel);
        Assert.Equal(["1 | a", "2 | B!", "4 | D", "9 | I"], await fixture.RowsAsync("id, name"));
        Assert.Equal(1, result.Version);
        Assert.Equal((4, 1, 2, 1), (result["numSourceRows"], result["numTargetRowsInserted"], result["numTargetRowsUpdated"], result["numTargetRowsDeleted"]));
        var history = (await fixture.Table.GetHistoryAsync(1, Cancel))[0];
        Assert.Equal("MERGE", history.Operation);
        Assert.Equal("2", history.Metrics["numTargetRowsUpdated"]);
        Assert.Contains("\"actionType\":\"delete\"", history.Parameters["matchedPredicates"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_refuses_a_row_that_two_source_rows_match_and_names_the_keys()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1::BIGINT AS id, 'a' AS name");
        var merge = fixture.Table.Merge(RowSource.Query("SELECT * FROM (VALUES (1::BIGINT, 'x'), (1, 'y')) v(id, name)"), "target.id = source.id");
        var fault = await Assert.ThrowsAsync<DeltaException>(() => merge.WhenMatchedUpdateAll().RunAsync(Cancel));
        Assert.Contains("2 source rows", fault.Message, StringComparison.Ordinal);
        Assert.Contains("id = 1", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await fixture.SnapshotAsync()).Version);
        Assert.Single(Directory.GetFiles(fixture.Table.Path, "*.parquet"));

        // A lone delete without a condition may match twice; no source row of a match is taken for a new one.
        var deleted = await merge.WhenMatchedDelete().WhenNotMatchedInsertAll().RunAsync(Cancel);
        Assert.Equal((1, 0), (deleted["numTargetRowsDeleted"], deleted["numTargetRowsInserted"]));
        Assert.Empty(await fixture.RowsAsync());
    }

    [Fact]
    public async Task Merge_never_matches_null_keys()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT * FROM (VALUES (NULL::BIGINT, 'a'), (1, 'b')) v(id, name)");
        await fixture.Table.Merge(RowSource.Query("SELECT * FROM (VALUES (NULL::BIGINT, 'x')) v(id, name)"), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(Cancel);
        Assert.Equal(["1 | b", "NULL | a", "NULL | x"], await fixture.RowsAsync());
    }

    [Fact]
    public async Task Merge_leaves_new_columns_out_or_adds_them_where_the_schema_may_evolve()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1::BIGINT AS id, 'a' AS name");
        var source = RowSource.Query("SELECT * FROM (VALUES (1::BIGINT, 'A', 1.5::DOUBLE), (2, 'B', 2.5)) v(id, name, score)");
        await fixture.Table.Merge(source, "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(Cancel);
        Assert.Equal(["1 | A", "2 | B"], await fixture.RowsAsync());
        await fixture.Table.Merge(source, "target.id = source.id").WhenMatchedUpdateAll("source.id = 1").WithSchemaEvolution().RunAsync(Cancel);
        Assert.Equal(["1 | A | 1.5", "2 | B | NULL"], await fixture.RowsAsync());
    }

    [Fact]
    public async Task Merge_refuses_a_silent_cast_and_an_unknown_column()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1::BIGINT AS id, 'a' AS name");
        var typed = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.Merge(RowSource.Query("SELECT 1::BIGINT AS id, 5 AS name"), "target.id = source.id").WhenMatchedUpdateAll().RunAsync(Cancel));
        Assert.Contains("column 'name' is string, the value for it is integer", typed.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.Merge(RowSource.Query("SELECT 1::BIGINT AS id"), "target.id = source.id")
            .WhenMatchedUpdate(new Dictionary<string, string> { ["nmae"] = "'x'" }).RunAsync(Cancel));
        Assert.Contains("column 'nmae'", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_reads_only_files_that_the_keys_of_the_source_can_be_in()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, 'a' AS name FROM range(100) r(i)");
        for (var part = 1; part < 5; part++)
            await fixture.Table.AppendAsync(RowSource.Query($"SELECT i AS id, 'a' AS name FROM range({part * 100}, {(part + 1) * 100}) r(i)"), Cancel);
        var before = (await fixture.SnapshotAsync()).Files.Select(file => file.Path).ToHashSet();
        // Files out of the range need not even exist.
        foreach (var file in Directory.GetFiles(fixture.Table.Path, "*.parquet").Where(path => !before.Contains(Path.GetFileName(path))))
            File.Delete(file);
        var result = await fixture.Table.Merge(RowSource.Query("SELECT 250::BIGINT AS id, 'z' AS name"), "target.id = source.id").WhenMatchedUpdateAll().RunAsync(Cancel);
        Assert.Equal(1, result["numTargetFilesRemoved"]);
        Assert.Equal(99, result["numTargetRowsCopied"]);
        Assert.Equal(4, (await fixture.SnapshotAsync()).Files.Count(file => before.Contains(file.Path)));
    }

    [Fact]
    public async Task Merge_leaves_out_the_files_between_keys_that_lie_far_apart()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, 'a' AS name FROM range(100) r(i)");
        for (var part = 1; part < 6; part++)
            await fixture.Table.AppendAsync(RowSource.Query($"SELECT i AS id, 'a' AS name FROM range({part * 100}, {(part + 1) * 100}) r(i)"), Cancel);
        foreach (var file in (await fixture.SnapshotAsync()).Files.Where(file => !file.Stats!.Contains("\"id\":0,", StringComparison.Ordinal) && !file.Stats.Contains("\"id\":500,", StringComparison.Ordinal)))
            File.Delete(Path.Combine(fixture.Table.Path, file.Path));
        var result = await fixture.Table.Merge(RowSource.Query("SELECT * FROM (VALUES (5::BIGINT, 'z'), (550, 'y'), (NULL, 'x')) v(id, name)"), "source.id = target.id").WhenMatchedUpdateAll().RunAsync(Cancel);
        Assert.Equal((2, 2), (result["numTargetRowsUpdated"], result["numTargetFilesRemoved"]));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Mapped_nested_and_partitioned_columns_survive_every_change(string vectors)
    {
        using var fixture = new WriteFixture();
        const string Rows = "SELECT i AS id, 'p ' || (i % 2) AS part, {'a b': i, 'list': [{'x': i}, NULL]} AS s, map {'k': {'v': i}} AS m, TIMESTAMP '2024-01-01' + to_days(i::INTEGER) AS ntz, (i * 1.5)::DECIMAL(30,4) AS dec";
        await fixture.CreateAsync($"{Rows} FROM range(6) r(i)", ["part"], ("delta.columnMapping.mode", "name"), ("delta.enableDeletionVectors", vectors), ("delta.enableChangeDataFeed", "true"));
        var file = (await fixture.SnapshotAsync()).Files[0];
        Assert.StartsWith("col-", file.PartitionValues.Keys.Single(), StringComparison.Ordinal);
        await fixture.Table.DeleteAsync("s.`a b` = 4", Cancel);
        await fixture.Table.UpdateAsync("id = 1", new Dictionary<string, string> { ["dec"] = "dec + 1", ["part"] = "'moved'" }, Cancel);
        await fixture.Table.Merge(RowSource.Query($"{Rows}, true AS fresh FROM range(5, 8) r(i)"), "target.id = source.id AND target.part = source.part")
            .WhenMatchedUpdateAll().WhenNotMatchedInsertAll().WithSchemaEvolution().RunAsync(Cancel);
        await fixture.Table.OptimizeAsync(new OptimizeRequest { MaxDeletedShare = 0 }, Cancel);
        Assert.Equal(
        [
            "0 | p 0 | 0 | 0 | 0 | 2024-01-01 00:00:00 | 0.0000 | NULL",
            "1 | moved | 1 | 1 | 1 | 2024-01-02 00:00:00 | 2.5000 | NULL",
            "2 | p 0 | 2 | 2 | 2 | 2024-01-03 00:00:00 | 3.0000 | NULL",
            "3 | p 1 | 3 | 3 | 3 | 2024-01-04 00:00:00 | 4.5000 | NULL",
            "5 | p 1 | 5 | 5 | 5 | 2024-01-06 00:00:00 | 7.5000 | True",
            "6 | p 0 | 6 | 6 | 6 | 2024-01-07 00:00:00 | 9.0000 | True",
            "7 | p 1 | 7 | 7 | 7 | 2024-01-08 00:00:00 | 10.5000 | True",
        ], await fixture.RowsAsync("id, part, s.\"a b\", s.list[1].x, m['k'].v, ntz::VARCHAR, dec::VARCHAR, fresh"));
        Assert.Equal(["delete | 4", "insert | 6", "insert | 7", "update_postimage | 1", "update_postimage | 5", "update_preimage | 1", "update_preimage | 5"], await fixture.ChangesAsync(1, 4, "_change_type, id"));
    }

    [Fact]
    public async Task Merge_takes_batches_of_columns_of_every_type()
    {
        using var fixture = new WriteFixture();
        var schema = new RowSchema(
        [
            new Field("id", FieldType.Int64, false), new Field("i", FieldType.Int32, true), new Field("b", FieldType.Boolean, true), new Field("f", FieldType.Float32, true), new Field("d", FieldType.Float64, true),
            new Field("s", FieldType.String, true), new Field("y", FieldType.Bytes, true), new Field("day", FieldType.Date, true), new Field("seen", FieldType.Timestamp, true), new Field("m", FieldType.Decimal, true) { Precision = 10, Scale = 2 },
        ]);
        var batch = new ColumnBatch(schema);
        for (var row = 0; row < 3; row++)
        {
            ((Int64Column)batch.Columns[0]).Append(row);
            if (row == 2)
            {
                foreach (var column in batch.Columns.Skip(1))
                    column.AppendNull();
                continue;
            }

            ((Int64Column)batch.Columns[1]).Append(7);
            ((BooleanColumn)batch.Columns[2]).Append(true);
            ((Float64Column)batch.Columns[3]).Append(0.5);
            ((Float64Column)batch.Columns[4]).Append(0.25);
            ((StringColumn)batch.Columns[5]).Append("é");
            ((BytesColumn)batch.Columns[6]).Append([1, 2]);
            ((Int64Column)batch.Columns[7]).Append(20_000);
            ((Int64Column)batch.Columns[8]).Append(1_700_000_000_123_456);
            ((DecimalColumn)batch.Columns[9]).Append(12.34m);
        }

        await fixture.Table.AppendAsync(RowSource.Columns(schema, [batch]), Cancel);
        Assert.Equal(["0 | 7 | True | 0.5 | 0.25 | é | 0102 | 2024-10-04 | 1700000000123456 | 12.34", "1 | 7 | True | 0.5 | 0.25 | é | 0102 | 2024-10-04 | 1700000000123456 | 12.34", "2 | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL"],
            await fixture.RowsAsync("id, i, b, f, d, s, hex(y), day::VARCHAR, epoch_us(seen), m"));
    }
}
