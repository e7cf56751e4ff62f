using System.Net;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tests;

public sealed class SchemaFitTests
{
    [Fact]
    public async Task Columns_that_the_contract_has_gained_are_added_to_a_table_that_is_there()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, FieldType.Int32, withPlace: false);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        Assert.Equal((5, 0, 0, 0), await lake.LedgerAsync());
        Assert.Contains("place", (await lake.GetAsync("/v1/tables/test/bronze.visits")).GetProperty("columns").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_go_into_a_wider_column_as_its_type()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, FieldType.Int64);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        Assert.Equal((5, 0, 0, 0), await lake.LedgerAsync());
        Assert.Equal("BigInt", (await lake.GetAsync("/v1/tables/test/bronze.visits/preview")).GetProperty("columns").EnumerateArray().Single(column => column.GetProperty("name").GetString() == "seconds").GetProperty("type").GetString());
        Assert.Equal((5, 5), await lake.AuditAsync());
    }

    [Fact]
    public async Task A_column_of_another_type_quarantines_its_rows_with_the_reason_and_blocks_nothing()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, FieldType.String);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        Assert.Equal((0, 0, 5, 0), await lake.LedgerAsync());
        var preview = (await lake.GetAsync("/v1/tables/test/bronze.quarantine/preview")).GetRawText();
        Assert.Contains("of type Int32; expected a value that column of type string holds exactly", preview, StringComparison.Ordinal);
        // The same events again have no effect; nor are they lost once the table can take them.
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        Assert.Equal((0, 0, 5, 5), await lake.LedgerAsync());
    }

    [Fact]
    public async Task A_table_that_allows_it_is_widened_to_the_contract()
    {
        await using var lake = await TestLakehouse.StartAsync();
        var schema = Rows(new Field("seconds", FieldType.Int32, true));
        var table = Open(lake);
        var narrow = new StructType([.. FlatRows.ToStruct(schema).Fields.Select(field => field.Name == "seconds" ? field with { Type = PrimitiveType.Short } : field)]);
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(null).SetMetadata(narrow, ["ingestion_date"], null).SetProperties([new("delta.enableTypeWidening", "true")]).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), default));
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 100_000, 5)));
        Assert.Equal((5, 0, 0, 0), await lake.LedgerAsync());
        var columns = (await lake.GetAsync("/v1/tables/test/bronze.visits")).GetProperty("columns").EnumerateArray();
        Assert.Equal("integer", columns.Single(column => column.GetProperty("name").GetString() == "seconds").GetProperty("type").GetString());
        Assert.Equal((5, 5), await lake.AuditAsync());
    }

    private static DeltaTable Open(TestLakehouse lake)
    {
        Directory.CreateDirectory(lake.TablePath("bronze.visits"));
        return DeltaTable.At(lake.TablePath("bronze.visits"), new DeltaTableOptions(), TimeProvider.System);
    }

    private static RowSchema Rows(params Field[] own) => new(
    [
        .. own, new("guest", FieldType.String, true), new("at", FieldType.Timestamp, true), new("_id", FieldType.String, true), new("_source", FieldType.String, true), new("_topic", FieldType.String, true),
        new("_partition", FieldType.Int32, true), new("_offset", FieldType.Int64, true), new("_ingested_at", FieldType.Timestamp, true), new("ingestion_date", FieldType.Date, true),
    ]);

    private static async Task CreateAsync(TestLakehouse lake, FieldType seconds, bool withPlace = true)
    {
        Field[] own = withPlace ? [new("place", FieldType.String, true), new("seconds", seconds, true)] : [new("seconds", seconds, true)];
        Assert.IsType<CommitResult.Committed>(await Open(lake).BeginTransaction(null).SetMetadata(Rows(own), ["ingestion_date"], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), default));
    }
}
