using System.Net;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>Tables with rules that events may break.</summary>
public sealed class RuleTests
{
    private static readonly JsonElement s_double = JsonSerializer.SerializeToElement("seconds * 2");

    [Fact]
    public async Task Rows_that_break_a_constraint_are_quarantined_with_the_reason_and_the_others_are_written()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, column => column);
        Assert.IsType<CommitResult.Committed>(await lake.Delta("bronze.visits").AddConstraintAsync("brief", "seconds < 7", default));
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 10)));
        Assert.Equal((7, 0, 3, 0), await lake.LedgerAsync());
        Assert.Equal((7, 7), await lake.AuditAsync());
        var rows = await lake.RowsAsync("bronze.quarantine");
        Assert.All(rows, row => Assert.Equal(("constraint", "brief", "seconds", "seconds < 7"), (Text(row, "reason_class"), Text(row, "reason_rule"), Text(row, "reason_field"), Text(row, "expected"))));
        Assert.Equal(["seconds: 7", "seconds: 8", "seconds: 9"], rows.Select(row => Text(row, "found")).Order());
        Assert.Contains("CHECK constraint brief (seconds < 7) is violated by {seconds: 7}", rows.Select(row => Text(row, "error")));
        // Nothing is counted twice when the events come again.
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 10)));
        Assert.Equal((7, 0, 3, 10), await lake.LedgerAsync());
    }

    [Fact]
    public async Task Columns_that_take_no_nulls_and_lengths_are_kept_and_generated_columns_are_computed()
    {
        await using var lake = await TestLakehouse.StartAsync();
        var double_ = new SchemaField("double_seconds", PrimitiveType.Integer, true) { Metadata = new Dictionary<string, JsonElement> { ["delta.generationExpression"] = s_double } };
        await CreateAsync(lake, column => column.Name switch
        {
            "place" => column with { Nullable = false },
            "guest" => column with { Metadata = new Dictionary<string, JsonElement> { ["__CHAR_VARCHAR_TYPE_STRING"] = JsonSerializer.SerializeToElement("varchar(8)") } },
            _ => column,
        }, double_);
        var events = lake.Visits(0, 0, 5).Append(new Sent(Samples.Visit(lake.SchemaId, 100), "long-name", 0, 5)).ToList();
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal((5, 0, 1, 0), await lake.LedgerAsync());
        Assert.Equal([0, 2, 4, 6, 8], (await lake.RowsAsync("bronze.visits")).Select(row => row["double_seconds"].GetInt32()).Order());
        Assert.Equal("length", Text(Assert.Single(await lake.RowsAsync("bronze.quarantine")), "reason_rule"));
    }

    [Fact]
    public async Task A_row_for_which_a_rule_cannot_be_computed_is_quarantined_alone()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, column => column);
        Assert.IsType<CommitResult.Committed>(await lake.Delta("bronze.visits").AddConstraintAsync("number", "CAST(substring(guest, 7, 2) AS INT) >= 0", default));
        var strange = new Sent(Samples.Event(Samples.Contract, lake.SchemaId, "P", "guest of mine", 1, 1), "strange", 0, 20);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, [.. lake.Visits(0, 0, 20), strange, .. lake.Visits(0, 21, 20)]));
        Assert.Equal((40, 0, 1, 0), await lake.LedgerAsync());
        var row = Assert.Single(await lake.RowsAsync("bronze.quarantine"));
        Assert.Equal(("expression", "guest", "***"), (Text(row, "reason_rule"), Text(row, "reason_field"), Text(row, "error")));
    }

    [Fact]
    public async Task A_reason_does_not_show_personal_data()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, column => column);
        await lake.Delta("bronze.visits").AddConstraintAsync("known", "guest <> 'guest 3'", default);
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        var row = Assert.Single(await lake.RowsAsync("bronze.quarantine"));
        Assert.Equal(("guest", "***", "***", "guest <> 'guest 3'"), (Text(row, "reason_field"), Text(row, "found"), Text(row, "error"), Text(row, "expected")));
    }

    [Fact]
    public async Task A_rule_that_rows_cannot_be_checked_by_stops_the_topic_and_the_health_names_it()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, column => column, new SchemaField("tags", new StructType([new SchemaField("a", PrimitiveType.Integer, false)]), true));
        Assert.Equal(HttpStatusCode.InternalServerError, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        using var health = await lake.Http.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal((0, 0, 0, 0), await lake.LedgerAsync());
    }

    [Fact]
    public async Task What_was_quarantined_before_a_failed_commit_stays_there_though_the_rule_is_gone()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await CreateAsync(lake, column => column);
        await lake.Delta("bronze.visits").AddConstraintAsync("brief", "seconds < 7", default);
        // The quarantine commits, the table cannot: its folder of data is taken by a file.
        var folder = Path.Combine(lake.TablePath("bronze.visits"), "ingestion_date=2026-01-05");
        await File.WriteAllTextAsync(folder, "in the way");
        Assert.Equal(HttpStatusCode.InternalServerError, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 10)));
        Assert.Equal((0, 0, 3, 0), await lake.LedgerAsync());
        File.Delete(folder);
        await lake.Delta("bronze.visits").DropConstraintAsync("brief", default);
        await lake.Delta("bronze.visits").AddConstraintAsync("other", "seconds <> 2", default);
        await lake.StopAppAsync();
        await lake.StartAppAsync();
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 12)));
        // 7, 8 and 9 stay quarantined; 2 is now, though its place is before theirs; 10 and 11 are written.
        Assert.Equal((8, 0, 4, 0), await lake.LedgerAsync());
        Assert.Equal(["http-0-2", "http-0-7", "http-0-8", "http-0-9"], (await lake.RowsAsync("bronze.quarantine")).Select(row => Text(row, "_id")).Order());
    }

    private static string? Text(Dictionary<string, JsonElement> row, string column) => row[column].GetString();

    private static async Task CreateAsync(TestLakehouse lake, Func<SchemaField, SchemaField> change, params SchemaField[] more)
    {
        RowSchema rows = new(
        [
            new("place", FieldType.String, true), new("guest", FieldType.String, true), new("seconds", FieldType.Int32, true), new("at", FieldType.Timestamp, true), new("_id", FieldType.String, true), new("_source", FieldType.String, true),
            new("_topic", FieldType.String, true), new("_partition", FieldType.Int32, true), new("_offset", FieldType.Int64, true), new("_ingested_at", FieldType.Timestamp, true), new("ingestion_date", FieldType.Date, true),
        ]);
        var schema = new StructType([.. FlatRows.ToStruct(rows).Fields.Select(change), .. more]);
        Assert.IsType<CommitResult.Committed>(await lake.Delta("bronze.visits").BeginTransaction(null).SetMetadata(schema, ["ingestion_date"], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), default));
    }
}
