using System.Text.Json;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Constraints, generated columns and defaults in operations of the engine.</summary>
public sealed class RuleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operations_fill_recompute_and_check_as_the_table_says()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture);
        await fixture.Table.AppendAsync(RowSource.Query("SELECT * FROM (VALUES (1::BIGINT, TIMESTAMPTZ '2024-01-02 03:04:05Z'), (2, TIMESTAMPTZ '2024-02-03 00:00:00Z')) v(id, \"at\")"), Cancel);
        Assert.Equal(["1 | 2024-01-02 | none-2024", "2 | 2024-02-03 | none-2024"], await fixture.RowsAsync("id, day::varchar, label"));

        await fixture.Table.UpdateAsync("id = 2", new Dictionary<string, string> { ["at"] = "at + INTERVAL 1 YEAR" }, Cancel);
        Assert.Equal(["1 | 2024-01-02 | none-2024", "2 | 2025-02-03 | none-2025"], await fixture.RowsAsync("id, day::varchar, label"));

        await fixture.Table.Merge(RowSource.Query("SELECT * FROM (VALUES (2::BIGINT, 'k'), (3, 'n')) v(id, kind)"), "target.id = source.id")
            .WhenMatchedUpdate(new Dictionary<string, string> { ["kind"] = "source.kind" })
            .WhenNotMatchedInsertAll()
            .RunAsync(Cancel);
        Assert.Equal(["1 | 2024-01-02 | none-2024", "2 | 2025-02-03 | k-2025", "3 | NULL | NULL"], await fixture.RowsAsync("id, day::varchar, label"));
    }

    [Fact]
    public async Task A_row_that_violates_a_rule_fails_every_operation_and_leaves_nothing()
    {
        using var fixture = new WriteFixture();
        await CreateAsync(fixture);
        await fixture.Table.AppendAsync(RowSource.Query("SELECT 1::BIGINT AS id"), Cancel);
        var files = Directory.GetFiles(fixture.Table.Path, "*.parquet").Length;
        var append = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.AppendAsync(RowSource.Query("SELECT * FROM (VALUES (5::BIGINT), (100)) v(id)"), Cancel));
        Assert.Contains("CHECK constraint small (id < 100) is violated by row {id: 100}", append.Message, StringComparison.Ordinal);
        var update = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.UpdateAsync("id = 1", new Dictionary<string, string> { ["id"] = "NULL" }, Cancel));
        Assert.Contains("violated by row {id: null}", update.Message, StringComparison.Ordinal);
        var given = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.AppendAsync(RowSource.Query("SELECT 7::BIGINT AS id, DATE '2024-01-01' AS day"), Cancel));
        Assert.Contains("generated column day (CAST(at AS DATE))", given.Message, StringComparison.Ordinal);
        Assert.Equal(files, Directory.GetFiles(fixture.Table.Path, "*.parquet").Length);
        Assert.Equal(["1"], await fixture.RowsAsync("id"));
    }

    [Fact]
    public async Task A_constraint_is_added_only_where_every_row_satisfies_it()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i::BIGINT AS id FROM range(10) r(i)");
        Assert.Contains("a row of the table violates it", (await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.AddConstraintAsync("positive", "id > 0", Cancel))).Message, StringComparison.Ordinal);
        Assert.Contains("expected AddConstraintAsync", (await Assert.ThrowsAsync<DeltaException>(async () => await fixture.Table.BeginTransaction(await fixture.SnapshotAsync()).SetProperties([new("delta.constraints.x", "id > 0")]).CommitAsync("SET TBLPROPERTIES", new Dictionary<string, string>(), Cancel))).Message, StringComparison.Ordinal);
        Assert.IsType<CommitResult.Committed>(await fixture.Table.AddConstraintAsync("natural", "id >= 0", Cancel));
        Assert.Contains("CHECK constraint natural (id >= 0)", (await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.AppendAsync(RowSource.Query("SELECT -1::BIGINT AS id"), Cancel))).Message, StringComparison.Ordinal);
        await fixture.Table.DropConstraintAsync("NATURAL", Cancel);
        await fixture.Table.AppendAsync(RowSource.Query("SELECT -1::BIGINT AS id"), Cancel);
        Assert.Equal(11, (await fixture.RowsAsync()).Count);
    }

    [Fact]
    public async Task A_mapped_table_with_nested_columns_is_written_read_and_pruned()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i::BIGINT AS id, {'v': i::INTEGER, 'w': [i::INTEGER]} AS s, 'p' || (i % 2) AS p FROM range(10) r(i)", ["p"], ("delta.columnMapping.mode", "name"));
        var snapshot = await fixture.SnapshotAsync();
        var physical = snapshot.Schema.Find("id")!.PhysicalName;
        Assert.StartsWith("col-", physical, StringComparison.Ordinal);
        Assert.All(snapshot.Files, file => Assert.Contains(physical, file.Stats!, StringComparison.Ordinal));
        await fixture.Table.UpdateAsync("s.v = 9", new Dictionary<string, string> { ["id"] = "id + 100" }, Cancel);
        await fixture.Table.DeleteAsync("id < 8", Cancel);
        Assert.Equal(["8 | 8 | p0", "109 | 9 | p1"], await fixture.RowsAsync("id, s.v, p"));
    }

    private static async Task CreateAsync(WriteFixture fixture)
    {
        var schema = new StructType([
            new SchemaField("id", PrimitiveType.Long, true),
            new SchemaField("at", PrimitiveType.Timestamp, true),
            With("day", PrimitiveType.Date, "delta.generationExpression", "CAST(at AS DATE)"),
            With("kind", PrimitiveType.String, "CURRENT_DEFAULT", "'none'"),
            With("label", PrimitiveType.String, "delta.generationExpression", "kind || '-' || year(at)"),
        ]);
        await fixture.Table.BeginTransaction(null).SetMetadata(schema, [], null).SetProperties([new("delta.constraints.small", "id < 100")]).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel);
    }

    private static SchemaField With(string name, DeltaType type, string key, string text) =>
        new(name, type, true) { Metadata = new Dictionary<string, JsonElement> { [key] = JsonSerializer.SerializeToElement(text) } };
}
