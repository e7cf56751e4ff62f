using System.Text.Json;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Pipelines.Tests;

/// <summary>The <c>postgres:</c> source of a pipeline.</summary>
public sealed class PostgresSectionTests
{
    private const string Fields = """{"name":"id","type":"int"},{"name":"_op","type":"string"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}""";

    [Fact]
    public void All_settings_have_defaults_but_connection_and_tables()
    {
        var source = Assert.Single(Load("postgres: { connection: { env: SHOP }, tables: [orders, Sales.Items] }").Streams[0].Sources);
        var changes = source.Changes!;
        Assert.Equal(("orders", "mesh_shop_orders", "mesh_shop_orders", true), (source.Name, changes.Slot, changes.Publication, changes.Snapshot));
        Assert.Equal(["public.orders", "Sales.Items"], changes.Tables);
        Assert.Equal("SHOP", changes.Connection.Environment);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)), (changes.Heartbeat, changes.Timeout));
    }

    [Fact]
    public void Settings_that_are_given_stand()
    {
        var source = Assert.Single(Load("postgres: { connection: { secretKeyRef: { store: vault, name: shop, key: url } }, tables: public.orders, slot: s1, publication: P2, snapshot: never, lost: snapshot, heartbeat: 1s, timeout: 5s }\n        name: big-shop").Streams[0].Sources);
        var changes = source.Changes!;
        Assert.Equal(("big-shop", "s1", "P2", false), (source.Name, changes.Slot, changes.Publication, changes.Snapshot));
        Assert.Equal(LostLog.Snapshot, changes.Lost);
        Assert.Equal(("vault", "shop", "url"), (changes.Connection.Store, changes.Connection.Secret, changes.Connection.Key));
    }

    [Theory]
    [InlineData("postgres: { tables: [a] }", "streams.orders.sources[0].postgres.connection: found no such key")]
    [InlineData("postgres: { connection: x }", "postgres.tables: found no such key")]
    [InlineData("postgres: { connection: x, tables: [] }", "found no tables")]
    [InlineData("postgres: { connection: x, tables: [a, public.a] }", "found the table 'public.a' twice")]
    [InlineData("postgres: { connection: x, tables: ['public.*'] }", "found the table 'public.*'")]
    [InlineData("postgres: { connection: x, tables: [a], slot: Big-Slot }", "found the slot 'Big-Slot'")]
    [InlineData("postgres: { connection: x, tables: [a], snapshot: sometimes }", "found 'sometimes'; expected initial")]
    [InlineData("postgres: { connection: x, tables: [a], lost: shrug }", "found 'shrug'; expected stop")]
    [InlineData("postgres: { connection: x, tables: [a], heartbeat: 0s }", "'heartbeat' of no length")]
    [InlineData("postgres: { connection: { env: A, file: b }, tables: [a] }", "found env and file; expected one of")]
    [InlineData("postgres: { connection: x, tables: [a], snapsot: never }", "Did you mean 'snapshot'?")]
    [InlineData("postgres: { connection: x, tables: [a] }\n        format: csv", "format")]
    public void A_fault_is_told_where_the_pipeline_is_read(string source, string expected)
    {
        var result = Read(source, Fields);
        Assert.Contains(result.Faults, fault => fault.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"name":"id","type":"int"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}""", "a contract without the field '_op'")]
    [InlineData("""{"name":"id","type":"int"},{"name":"_op","type":"string"},{"name":"_lsn","type":"string"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}""", "the field '_lsn' of type string; expected long")]
    public void A_contract_that_changes_do_not_fit_is_told(string fields, string expected)
    {
        var result = Read("postgres: { connection: x, tables: [a] }", fields);
        Assert.Contains(result.Faults, fault => fault.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_deletion_condition_needs_keys()
    {
        var result = Read("postgres: { connection: x, tables: [a] }", Fields, "tables:\n  bronze.orders: { append: orders }\n  silver.orders: { sql: q.sql, delete: \"_op = 'd'\", changes: bronze.orders }\n");
        Assert.Contains(result.Faults, fault => fault.ToString().Contains("found 'delete' without merge", StringComparison.Ordinal));
    }

    private static PipelineDefinition Load(string source)
    {
        var result = Read(source, Fields);
        Assert.True(result.Faults.Count == 0, string.Join('\n', result.Faults));
        return result.Pipelines[0];
    }

    private static PipelineLoadResult Read(string source, string fields, string more = "")
    {
        var root = Directory.CreateTempSubdirectory("postgres-section-").FullName;
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, "shop")).FullName;
            using (JsonDocument.Parse($"[{fields}]"))
                File.WriteAllText(Path.Combine(folder, "o.avsc"), $$"""{"type":"record","name":"Order","fields":[{{fields}}]}""");
            File.WriteAllText(Path.Combine(folder, "q.sql"), "SELECT id, _op FROM bronze.orders");
            File.WriteAllText(Path.Combine(folder, "pipeline.yaml"), $"pipeline: shop\nstreams:\n  orders:\n    contract: o.avsc\n    key: id\n    time: {{ field: at }}\n    sources:\n      - {source}\n{more}");
            return PipelineLoader.Load(root, []);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
