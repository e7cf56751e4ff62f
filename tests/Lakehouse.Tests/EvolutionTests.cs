using System.Net;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>Versions of the schema that producers register while the service runs.</summary>
public sealed class EvolutionTests
{
    private const string Start = """{"type":"record","name":"Visit","namespace":"test","fields":[{"name":"place","type":"string"},{"name":"guest","type":"string","pii":true},""";
    private const string End = """{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}]}""";

    private static readonly string s_added = $$"""{{Start}}{"name":"seconds","type":"int"},{{End[..^2]}},{"name":"mood","type":["null","string"],"default":null},{"name":"email","type":"string","default":"none","pii":true}]}""";

    [Fact]
    public async Task A_field_that_a_registered_version_adds_is_a_column_from_its_first_event_on()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 3));
        var id = await lake.RegisterAsync(s_added);
        var contract = AvroContract.Parse(s_added);
        // Nothing changes before the first event that needs it.
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 3, 2));
        Assert.Null((await SnapshotAsync(lake)).Schema.Find("mood"));
        var before = (await SnapshotAsync(lake)).Version;
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, [new Sent(Samples.Event(contract, id, "P9", "new", 9, 1, "glad", "a@b"), "new-1", 0, 5), .. lake.Visits(0, 6, 1)]));
        // The columns and the rows came in one commit.
        var snapshot = await SnapshotAsync(lake);
        Assert.Equal(before + 1, snapshot.Version);
        Assert.Equal(PrimitiveType.String, snapshot.Schema.Find("mood")!.Type);
        Assert.Equal((7, 0, 0, 0), await lake.LedgerAsync());
        var rows = await ReadAsync(lake);
        Assert.Equal(("glad", "a@b"), (rows["new-1"].Mood, rows["new-1"].Email));
        // Events of the earlier version: null before, the default after.
        Assert.Equal((null, null), (rows["http-0-0"].Mood, rows["http-0-0"].Email));
        Assert.Equal((null, "none"), (rows["http-0-6"].Mood, rows["http-0-6"].Email));
    }

    [Fact]
    public async Task After_a_restart_earlier_versions_still_have_the_default_and_personal_data_is_still_hidden()
    {
        await using var lake = await TestLakehouse.StartAsync();
        var id = await lake.RegisterAsync(s_added);
        await lake.DeliverAsync(Samples.Topic, new Sent(Samples.Event(AvroContract.Parse(s_added), id, "P9", "new", 9, 1, "glad", "a@b"), "new-1", 0, 0));
        await lake.StopAppAsync();
        await lake.StartAppAsync();
        Assert.All(await lake.RowsAsync("bronze.visits"), row => Assert.Equal("***", row["email"].GetString()));
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 1, 1));
        Assert.Equal("none", (await ReadAsync(lake))["http-0-1"].Email);
    }

    [Fact]
    public async Task A_widened_type_goes_into_the_column_as_far_as_it_holds_the_values()
    {
        var wide = $$"""{{Start}}{"name":"seconds","type":"long"},{{End}}""";
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 3));
        var id = await lake.RegisterAsync(wide);
        var contract = AvroContract.Parse(wide);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, [new(Samples.Event(contract, id, "P", "g", 5L, 1), "small", 0, 3), new(Samples.Event(contract, id, "P", "g", 5_000_000_000, 1), "large", 0, 4)]));
        Assert.Equal((4, 0, 1, 0), await lake.LedgerAsync());
        Assert.Equal(("schema", "type", "seconds"), Reason(Assert.Single(await lake.RowsAsync("bronze.quarantine"))));
    }

    [Theory]
    [InlineData("long", 5_000_000_000L, "long")]
    [InlineData("double", 2.5, "double")]
    public async Task A_widened_type_widens_the_column_where_the_table_allows_it(string type, object value, string expected)
    {
        var wide = $$"""{{Start}}{"name":"seconds","type":"{{type}}"},{{End}}""";
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 3));
        var table = lake.Delta("bronze.visits");
        await table.BeginTransaction(await table.GetSnapshotAsync(null, default)).SetProperties([new("delta.enableTypeWidening", "true")]).CommitAsync("SET TBLPROPERTIES", new Dictionary<string, string>(), default);
        var id = await lake.RegisterAsync(wide);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, [new(Samples.Event(AvroContract.Parse(wide), id, "P", "g", value, 1), "wide", 0, 3), .. lake.Visits(0, 4, 2)]));
        Assert.Equal((6, 0, 0, 0), await lake.LedgerAsync());
        Assert.Equal(expected, (await SnapshotAsync(lake)).Schema.Find("seconds")!.Type.ToString());
        var seconds = (await lake.RowsAsync("bronze.visits")).Single(row => row["_id"].GetString() == "wide")["seconds"];
        Assert.Equal(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture), seconds.GetRawText());
    }

    [Fact]
    public async Task A_version_that_does_not_fit_is_quarantined_with_the_reason_and_the_others_go_on()
    {
        var other = $$"""{{Start}}{"name":"seconds","type":"string"},{{End}}""";
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 3));
        var id = await lake.RegisterAsync(other, compatibility: "NONE");
        var contract = AvroContract.Parse(other);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, [new(Samples.Event(contract, id, "P", "g", "long", 1), "text", 0, 3), .. lake.Visits(0, 4, 2)]));
        Assert.Equal((5, 0, 1, 0), await lake.LedgerAsync());
        var row = Assert.Single(await lake.RowsAsync("bronze.quarantine"));
        Assert.Equal(("schema", "incompatible", "seconds"), Reason(row));
        Assert.Contains("type string of the writer cannot be read as int", row["found"].GetString(), StringComparison.Ordinal);
        Assert.Contains($"schema id {id}", row["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_a_version_drops_is_null_and_a_renamed_one_stays_its_column()
    {
        var dropped = """{"type":"record","name":"Visit","namespace":"test","fields":[{"name":"where","type":"string","aliases":["place"]},{"name":"seconds","type":"int"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}]}""";
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 1));
        var id = await lake.RegisterAsync(dropped, compatibility: "NONE");
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, new Sent(Samples.Event(AvroContract.Parse(dropped), id, "P5", 1, 1), "dropped", 0, 1)));
        Assert.Equal((2, 0, 0, 0), await lake.LedgerAsync());
        var row = (await lake.RowsAsync("bronze.visits")).Single(row => row["_id"].GetString() == "dropped");
        Assert.Equal(("P5", JsonValueKind.Null), (row["place"].GetString(), row["guest"].ValueKind));
        Assert.False(row.ContainsKey("where"));
    }

    [Fact]
    public async Task A_column_mapped_table_gets_its_columns_with_the_rows_too()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 3));
        var table = lake.Delta("bronze.visits");
        await table.BeginTransaction(await table.GetSnapshotAsync(null, default)).SetProperties([new("delta.columnMapping.mode", "name")]).CommitAsync("SET TBLPROPERTIES", new Dictionary<string, string>(), default);
        var id = await lake.RegisterAsync(s_added);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, new Sent(Samples.Event(AvroContract.Parse(s_added), id, "P9", "new", 9, 1, "glad", "a@b"), "new-1", 0, 5)));
        Assert.StartsWith("col-", (await SnapshotAsync(lake)).Schema.Find("mood")!.PhysicalName, StringComparison.Ordinal);
        Assert.Equal("glad", (await ReadAsync(lake))["new-1"].Mood);
    }

    private static (string?, string?, string?) Reason(Dictionary<string, JsonElement> row) => (row["reason_class"].GetString(), row["reason_rule"].GetString(), row["reason_field"].GetString());

    private static async Task<Snapshot> SnapshotAsync(TestLakehouse lake) => (await lake.Delta("bronze.visits").GetSnapshotAsync(null, default))!;

    private static async Task<Dictionary<string, Row>> ReadAsync(TestLakehouse lake)
    {
        var rows = new Dictionary<string, Row>();
        await foreach (var row in lake.Delta("bronze.visits").ReadAsync<Row>(null, default))
            rows.Add(row._id, row);
        return rows;
    }

    private sealed record Row(string _id, string? Mood, string? Email);
}
