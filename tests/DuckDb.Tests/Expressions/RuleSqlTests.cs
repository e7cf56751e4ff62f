using System.Text.Json;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Expressions;

namespace RealTimeMesh.DuckDb.Tests.Expressions;

public sealed class RuleSqlTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1, 'a', {'v': 1}, [1]", null)]
    [InlineData("0, 'a', {'v': 1}, [1]", "CHECK constraint positive (id > 0 AND name <> 'it''s') is violated by row {id: 0, name: a}")]
    [InlineData("NULL, 'a', {'v': 1}, [1]", "is violated by row {id: null, name: a}")]
    [InlineData("1, NULL, {'v': 1}, [1]", "NOT NULL constraint of column name is violated by row {name: null}")]
    [InlineData("1, 'a', {'v': NULL}, [1]", "NOT NULL constraint of column s.v")]
    [InlineData("1, 'a', NULL, [1]", null)]
    [InlineData("1, 'a', NULL, [1, NULL]", "NOT NULL constraint of column list.element")]
    [InlineData("1, 'a', NULL, NULL", null)]
    public async Task A_guarded_query_fails_at_a_row_that_violates_a_rule(string row, string? message)
    {
        var schema = new StructType([
            new SchemaField("id", PrimitiveType.Long, true),
            new SchemaField("name", PrimitiveType.String, false),
            new SchemaField("s", new StructType([new SchemaField("v", PrimitiveType.Integer, false)]), true),
            new SchemaField("list", new ArrayType(PrimitiveType.Integer, false), true),
            new SchemaField("day", PrimitiveType.Date, true) { Metadata = new Dictionary<string, JsonElement> { ["CURRENT_DEFAULT"] = JsonSerializer.SerializeToElement("current_date()") } },
        ]);
        var rules = WriteRules.For("t", schema, new Dictionary<string, string?> { ["delta.constraints.positive"] = "id > 0 AND name <> 'it''s'" }, s_now);
        using var session = DuckDbSession.Open(new DuckDbOptions());
        var fill = rules.Fills.Single(item => item.Column == "day");
        var query = $"SELECT * , {RuleSql.Fill(fill)} FROM (SELECT 5::BIGINT AS id, 'b' AS name, {{'v': 1}} AS s, [1] AS list UNION ALL SELECT {row})";
        if (message is null)
            Assert.Equal(2, await session.CountAsync($"SELECT count(*) FROM ({RuleSql.Guarded(query, rules.Checks)}) WHERE day = DATE '2026-01-05'", Token));
        else
            Assert.Contains(message, (await Assert.ThrowsAsync<DuckDbFaultException>(() => session.ExecuteAsync($"CREATE TABLE t AS {RuleSql.Guarded(query, rules.Checks)}", Token))).Message, StringComparison.Ordinal);
    }
}
