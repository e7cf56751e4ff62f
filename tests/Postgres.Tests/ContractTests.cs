using System.Text.Json;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>Contracts made of tables.</summary>
public sealed class ContractTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_contract_made_of_a_table_can_be_used_and_has_its_types()
    {
        await using var database = await postgres.DatabaseAsync();
        await database.ExecuteAsync("CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE t (id bigint PRIMARY KEY, a int, b numeric(12,2), c numeric, d text, e timestamptz, f date, g bytea, h uuid, i jsonb, j int[], k mood, l bool, m real, \"a b\" text, n int GENERATED ALWAYS AS (a + 1) STORED)");
        var tables = await new PostgresConnector(TimeProvider.System).DescribeAsync(database.Settings("public.t"), database.Connection, CancellationToken.None);
        var json = ChangeContract.Of("shop.Thing", tables, out var skipped);
        Assert.Contains("column 'a b' of public.t", Assert.Single(skipped), StringComparison.Ordinal);
        var contract = AvroContract.Parse(json);
        Assert.Equal("shop.Thing", contract.Name);
        Assert.Equal(
            ["id Int64", "a Int32?", "b Decimal?", "c String?", "d String?", "e Timestamp?", "f Date?", "g Bytes?", "h String?", "i String?", "j String?", "k String?", "l Boolean?", "m Float32?", "_op String", "_lsn Int64", "_index Int64", "_txid Int64", "_committed_at Timestamp"],
            contract.Rows.Fields.Select(field => $"{field.Name} {field.Type}{(field.Nullable ? "?" : "")}"));
        Assert.Equal((12, 2), (contract.Rows.Fields[2].Precision, contract.Rows.Fields[2].Scale));
    }

    [Fact]
    public void Columns_of_one_name_become_one_field_and_differing_types_text()
    {
        var a = new ChangeTable("public.a", [new("id", ChangeKind.Int32, true), new("v", ChangeKind.Int32, false)], false);
        var b = new ChangeTable("public.b", [new("id", ChangeKind.Int32, true), new("v", ChangeKind.Date, false)], false);
        var fields = JsonDocument.Parse(ChangeContract.Of("x", [a, b], out _)).RootElement.GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("name").GetString() + " " + field.GetProperty("type").GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)).ToList();
        Assert.Equal(["id \"int\"", "v [\"null\",\"string\"]", "_op \"string\"", "_table \"string\""], fields.Take(4));
    }
}
