using System.Text.Json;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Expressions;

namespace RealTimeMesh.DuckDb.Tests.Expressions;

public sealed class StatisticsPropertyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("statistics-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Statistics_hold_every_value_and_count_every_null(bool byDuckDb)
    {
        var random = new Random(99);
        var schema = FlatRows.ToStruct(RandomRows.Schema);
        var table = DeltaTable.At(_folder, new DeltaTableOptions(), TimeProvider.System);
        using var session = DuckDbSession.Open(new DuckDbOptions());
        var bounds = 0;
        for (var i = 0; i < 60; i++)
        {
            var rows = RandomRows.Create(random, random.Next(1, 12), narrow: i % 5);
            var file = (await table.WriteFilesAsync(RandomRows.Schema, [], [rows], Token))[0];
            if (byDuckDb)
            {
                await session.ExecuteAsync($"COPY (SELECT * FROM read_parquet({SqlText.Literal(Path.Combine(_folder, file.Path))})) TO {SqlText.Literal(Path.Combine(_folder, $"{i}.parquet"))} (FORMAT PARQUET)", Token);
                file = await table.DescribeFileAsync($"{i}.parquet", RandomRows.Schema, new Dictionary<string, string?>(), Token);
            }

            using var stats = JsonDocument.Parse(file.Stats!);
            Assert.Equal(rows.Count, stats.RootElement.GetProperty("numRecords").GetInt64());
            var path = SqlText.Literal(Path.Combine(_folder, file.Path));
            foreach (var field in schema.Fields)
            {
                var name = SqlText.Identifier(field.Name);
                var nulls = await session.CountAsync($"SELECT count(*) FROM read_parquet({path}) WHERE {name} IS NULL", Token);
                Assert.Equal(nulls, stats.RootElement.GetProperty("nullCount").GetProperty(field.Name).GetInt64());
                foreach (var (side, comparison) in new[] { ("minValues", ">="), ("maxValues", "<=") })
                {
                    if (!stats.RootElement.GetProperty(side).TryGetProperty(field.Name, out var bound))
                        continue;
                    // A bound in milliseconds is one of Delta's: its last millisecond belongs to it.
                    var literal = LiteralOf(field, bound);
                    var held = await session.CountAsync($"SELECT count(*) FROM read_parquet({path}) WHERE {name} {comparison} {literal}", Token);
                    Assert.True(held == rows.Count - nulls, $"{field.Name} {side} {bound.GetRawText()}: {held} of {rows.Count - nulls}\n{file.Stats}");
                    bounds++;
                }
            }
        }

        Assert.True(bounds > 60 * 12, $"{bounds} bounds");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string LiteralOf(SchemaField field, JsonElement bound)
    {
        var text = bound.ValueKind == JsonValueKind.String ? bound.GetString()! : bound.GetRawText();
        var literal = DeltaExpression.Parse($"CAST('{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}' AS {field.Type.SqlName})").Resolve(new StructType([]), DateTimeOffset.UnixEpoch);
        return DuckDbExpressions.ToSql(literal);
    }
}
