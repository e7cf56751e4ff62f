using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>RESTORE across changes of schema, mapping, types and protocol gives the rows and columns of then.</summary>
public sealed class RestoreTests
{
    private const string Rows = "SELECT CAST(i AS INTEGER) AS id, 'a' || i AS name, struct_pack(x := i, y := 'y' || i) AS part, [struct_pack(z := i)] AS list FROM range(20) r(i)";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_that_got_column_mapping_since_has_the_columns_of_before_and_keeps_the_mapping()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows);
        var before = await fixture.RowsAsync();
        await CommitAsync(fixture, transaction => transaction.SetProperties([new("delta.columnMapping.mode", "name")]));
        // The name of a column goes to another one: only physical names tell them apart.
        await EvolveAsync(fixture, (table, schema) => SchemaEvolution.RenameColumn(table, schema, true, "id", "key"));
        await EvolveAsync(fixture, (table, schema) => SchemaEvolution.DropColumn(table, schema, true, "name"));
        await EvolveAsync(fixture, (table, schema) => SchemaEvolution.AddColumn(table, schema, null, new SchemaField("id", PrimitiveType.Integer, true)));
        await EvolveAsync(fixture, (table, schema) => SchemaEvolution.RenameColumn(table, schema, true, "part.x", "w"));
        await fixture.Table.UpdateAsync("key < 5", new Dictionary<string, string> { ["id"] = "key + 100" }, Cancel);

        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel);
        Assert.Equal(before, await fixture.RowsAsync());
        var snapshot = await fixture.SnapshotAsync();
        Assert.Equal(["id", "name", "part", "list"], snapshot.Schema.Fields.Select(field => field.Name));
        Assert.Equal("name", snapshot.Configuration["delta.columnMapping.mode"]);
        Assert.Null((await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel)).Version);

        await fixture.Table.AppendAsync(RowSource.Query("SELECT CAST(99 AS INTEGER) AS id, 'new' AS name, struct_pack(x := CAST(1 AS BIGINT), y := 'y') AS part, [struct_pack(z := CAST(2 AS BIGINT))] AS list"), Cancel);
        Assert.Equal(before.Count + 1, (await fixture.RowsAsync()).Count);
        Assert.Equal(["99 | new"], (await fixture.RowsAsync("id, name")).Where(row => row.StartsWith("99", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_column_that_was_widened_since_is_narrow_again_and_can_be_widened_anew()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows, null, ("delta.enableTypeWidening", "true"));
        var before = await fixture.RowsAsync();
        await EvolveAsync(fixture, (table, schema) => SchemaEvolution.WidenColumn(table, schema, "id", PrimitiveType.Long));
        await fixture.Table.AppendAsync(RowSource.Query("SELECT CAST(5000000000 AS BIGINT) AS id, 'wide' AS name"), Cancel);
        var wide = await fixture.RowsAsync();
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel);
        Assert.Equal(before, await fixture.RowsAsync());
        Assert.Equal(PrimitiveType.Integer, (await fixture.SnapshotAsync()).Schema.Find("id")!.Type);
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 2 }, Cancel);
        Assert.Equal(wide, await fixture.RowsAsync());
        Assert.Equal(["5000000000"], (await fixture.RowsAsync("id")).Where(row => row.Length > 5));
    }

    [Fact]
    public async Task A_protocol_that_was_raised_since_stays_and_everything_else_is_as_it_was()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows);
        var before = await fixture.RowsAsync();
        await CommitAsync(fixture, transaction => transaction.SetProperties([new("delta.enableDeletionVectors", "true"), new("delta.checkpointPolicy", "v2"), new("delta.enableInCommitTimestamps", "true"), new("delta.enableChangeDataFeed", "true")]));
        await fixture.Table.DeleteAsync("id % 3 = 0", Cancel);
        await fixture.Table.UpdateAsync("id = 4", new Dictionary<string, string> { ["name"] = "'changed'" }, Cancel);
        var protocol = (await fixture.SnapshotAsync()).Protocol;
        await fixture.Table.WriteCheckpointAsync(Cancel);
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel);
        Assert.Equal(before, await fixture.RowsAsync());
        var snapshot = await fixture.SnapshotAsync();
        Assert.Equal((protocol.MinReaderVersion, protocol.MinWriterVersion), (snapshot.Protocol.MinReaderVersion, snapshot.Protocol.MinWriterVersion));
        Assert.Equal(protocol.WriterFeatures!, snapshot.Protocol.WriterFeatures!);
        Assert.False(snapshot.Configuration.ContainsKey("delta.enableDeletionVectors"));
        Assert.All(snapshot.Files, file => Assert.Null(file.DeletionVector));
        await fixture.Table.DeleteAsync("id = 1", Cancel);
        Assert.All((await fixture.SnapshotAsync()).Files, file => Assert.Null(file.DeletionVector));
    }

    [Fact]
    public async Task A_table_whose_partitioning_and_types_were_replaced_gets_both_back()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 2 AS grp FROM range(10) r(i)", ["grp"]);
        var before = await fixture.RowsAsync();
        await fixture.Table.WriteAsync(new WriteRequest(RowSource.Query("SELECT 'x' || i AS id, DATE '2024-01-01' AS day FROM range(3) r(i)")) { Mode = WriteMode.Overwrite, Schema = SchemaMode.Overwrite, PartitionBy = ["day"] }, Cancel);
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel);
        Assert.Equal(before, await fixture.RowsAsync());
        Assert.Equal(["grp"], (await fixture.SnapshotAsync()).PartitionColumns);
    }

    [Fact]
    public async Task Comments_that_came_since_go()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows);
        await EvolveAsync(fixture, (table, schema) => SchemaEvolution.Comment(table, schema, "id", "the key"));
        await CommitAsync(fixture, transaction => transaction.SetDescription("described"));
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel);
        var snapshot = await fixture.SnapshotAsync();
        Assert.Empty(snapshot.Schema.Find("id")!.Metadata);
        Assert.Null((await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel)).Version);
    }

    private static Task EvolveAsync(WriteFixture fixture, Func<string, StructType, StructType> change) =>
        CommitAsync(fixture, (transaction, snapshot) => transaction.SetSchema(change(fixture.Table.Path, snapshot.Schema)));

    private static Task CommitAsync(WriteFixture fixture, Func<DeltaTransaction, DeltaTransaction> change) => CommitAsync(fixture, (transaction, _) => change(transaction));

    private static async Task CommitAsync(WriteFixture fixture, Func<DeltaTransaction, Snapshot, DeltaTransaction> change)
    {
        var snapshot = await fixture.SnapshotAsync();
        Assert.IsType<CommitResult.Committed>(await change(fixture.Table.BeginTransaction(snapshot), snapshot).CommitAsync("ALTER TABLE", new Dictionary<string, string>(), Cancel));
    }
}
