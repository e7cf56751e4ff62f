using Apache.Arrow;
using Int64Type = Apache.Arrow.Types.Int64Type;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Names of columns differ by more than case, and are found whatever their case.</summary>
public sealed class ColumnCaseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Columns_that_differ_only_in_case_are_refused_when_a_table_is_created_or_changed()
    {
        using var fixture = new WriteFixture();
        var (lower, upper) = (new SchemaField("id", PrimitiveType.Long, true), new SchemaField("ID", PrimitiveType.Long, true));
        await RefusedAsync(() => CommitAsync(fixture, null, lower, upper), "'ID' stands twice");
        await RefusedAsync(() => CommitAsync(fixture, null, new SchemaField("s", new StructType([lower, upper]), true)), "'s.ID' stands twice");
        await RefusedAsync(() => CommitAsync(fixture, null, new SchemaField("s", new ArrayType(new StructType([lower, upper]), true), true)), "'s.element.ID' stands twice");
        await RefusedAsync(() => fixture.Table.AppendAsync(Twice(), Cancel), "twice");
        await fixture.CreateAsync("SELECT CAST(1 AS BIGINT) AS id, struct_pack(a := 1) AS s", null, ("delta.columnMapping.mode", "name"));
        var snapshot = await fixture.SnapshotAsync();
        await RefusedAsync(() => Task.FromResult(SchemaEvolution.AddColumn("t", snapshot.Schema, null, upper)), "exists already");
        await RefusedAsync(() => Task.FromResult(SchemaEvolution.AddColumn("t", snapshot.Schema, "S", new SchemaField("A", PrimitiveType.Long, true))), "exists already");
        await RefusedAsync(() => Task.FromResult(SchemaEvolution.RenameColumn("t", snapshot.Schema, true, "s", "ID")), "exists already");
        Assert.Equal("Id", SchemaEvolution.RenameColumn("t", snapshot.Schema, true, "ID", "Id").Fields[0].Name);
    }

    [Fact]
    public async Task Rows_whose_columns_differ_only_in_case_are_refused_and_not_half_written()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(1 AS BIGINT) AS id, 'a' AS name");
        await RefusedAsync(() => fixture.Table.AppendAsync(Twice(), Cancel), "twice");
        await RefusedAsync(() => fixture.Table.WriteAsync(new WriteRequest(Twice()) { Schema = SchemaMode.Merge }, Cancel), "twice");
        await RefusedAsync(() => fixture.Table.Merge(Twice(), "target.id = source.id").WhenMatchedUpdateAll().RunAsync(Cancel), "twice");
        var batch = new ColumnBatch(new RowSchema([new Contracts.Field("id", FieldType.Int64, false), new Contracts.Field("ID", FieldType.Int64, false)]));
        ((Int64Column)batch.Columns[0]).Append(1);
        ((Int64Column)batch.Columns[1]).Append(2);
        await RefusedAsync(async () => await fixture.Table.WriteFilesAsync(await fixture.SnapshotAsync(), [batch], Cancel), "twice");
        await RefusedAsync(() => fixture.Table.UpdateAsync("true", new Dictionary<string, string> { ["name"] = "'x'", ["NAME"] = "'y'" }, Cancel), "set it once");
    }

    [Fact]
    public async Task Columns_are_found_whatever_their_case_and_keep_the_tables_spelling()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(i AS BIGINT) AS Id, 'a' || i AS Name, 'g' || (i % 2) AS Grp FROM range(4) r(i)", ["GRP"], ("delta.dataSkippingStatsColumns", "ID"));
        Assert.Equal(["Grp"], (await fixture.SnapshotAsync()).PartitionColumns);
        await fixture.Table.AppendAsync(RowSource.Query("SELECT CAST(9 AS BIGINT) AS ID, 'n' AS NAME, 'g1' AS grp"), Cancel);
        await fixture.Table.WriteAsync(new WriteRequest(RowSource.Query("SELECT CAST(10 AS BIGINT) AS iD, 'n' AS naME, 'g1' AS gRP, 1 AS More")) { Schema = SchemaMode.Merge }, Cancel);
        await fixture.Table.UpdateAsync("ID = 9 AND GRP = 'g1'", new Dictionary<string, string> { ["NAME"] = "upper(name)" }, Cancel);
        await fixture.Table.Merge(RowSource.Query("SELECT CAST(1 AS BIGINT) AS ID, 'merged' AS NAME, 'g1' AS GRP, 2 AS MORE"), "TARGET.id = SOURCE.iD").WhenMatchedUpdateAll().RunAsync(Cancel);
        await fixture.Table.OverwriteAsync(RowSource.Query("SELECT CAST(0 AS BIGINT) AS ID, 'r' AS NAME, 'g0' AS GRP"), Cancel, "gRp = 'g0'");
        Assert.Equal(["Id", "Name", "Grp", "More"], (await fixture.SnapshotAsync()).Schema.Fields.Select(field => field.Name));
        Assert.Equal(["0 | r | g0 | NULL", "1 | merged | g1 | 2", "10 | n | g1 | 1", "3 | a3 | g1 | NULL", "9 | N | g1 | NULL"], (await fixture.RowsAsync("Id, Name, Grp, More")).Order(StringComparer.Ordinal));
        await fixture.Table.OptimizeAsync(new OptimizeRequest { Where = "GRP = 'g1'", ZOrderBy = ["ID"] }, Cancel);
        List<string> columns = [];
        await foreach (var found in fixture.Open().ReadAsync(new ReadOptions { Columns = ["NAME", "iD"], Where = "ID > 3 AND grp = 'g1'" }, Cancel))
        {
            using (found)
                columns = [.. found.Schema.FieldsList.Select(field => field.Name)];
        }

        Assert.Equal(["Name", "Id"], columns);
    }

    [Fact]
    public async Task Files_that_spell_a_column_in_another_case_are_read()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(i AS BIGINT) AS Id, struct_pack(Part := i) AS s FROM range(2) r(i)");
        await fixture.OracleAsync($"COPY (SELECT CAST(7 AS BIGINT) AS ID, struct_pack(PART := CAST(8 AS BIGINT)) AS S) TO '{Path.Combine(fixture.Table.Path, "other.parquet")}' (FORMAT PARQUET)");
        var snapshot = await fixture.SnapshotAsync();
        var file = await fixture.Table.DescribeFileAsync("other.parquet", snapshot, new Dictionary<string, string?>(), Cancel);
        await fixture.Table.BeginTransaction(snapshot).Add(file).CommitAsync("WRITE", new Dictionary<string, string>(), Cancel);
        Assert.Equal(["0 | 0", "1 | 1", "7 | 8"], await fixture.RowsAsync("Id, s.Part"));
    }

    private static RowSource Twice()
    {
        var schema = new Schema([new Apache.Arrow.Field("id", Int64Type.Default, true), new Apache.Arrow.Field("ID", Int64Type.Default, true)], null);
        return RowSource.Arrow(schema, new[] { new RecordBatch(schema, [new Int64Array.Builder().Append(1).Build(), new Int64Array.Builder().Append(2).Build()], 1) }.ToAsyncEnumerable());
    }

    private static async Task CommitAsync(WriteFixture fixture, Snapshot? snapshot, params SchemaField[] fields) =>
        await fixture.Table.BeginTransaction(snapshot).SetMetadata(new StructType(fields), [], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel);

    private static async Task RefusedAsync(Func<Task> act, string named)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(act);
        Assert.True(error is DeltaException or DuckDbFaultException, error.ToString());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
