using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Expressions;

namespace RealTimeMesh.DuckDb.Tests.Expressions;

public sealed class ExpressionSqlTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("expressions-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_and_DuckDB_evaluate_random_predicates_alike()
    {
        var random = new Random(20260105);
        var batch = RandomRows.Create(random, 400);
        var table = DeltaTable.At(_folder, new DeltaTableOptions(), TimeProvider.System);
        var file = (await table.WriteFilesAsync(RandomRows.Schema, [], [batch], Token))[0];
        using var session = DuckDbSession.Open(new DuckDbOptions());
        await session.ExecuteAsync($"CREATE TABLE t AS SELECT * FROM read_parquet({SqlText.Literal(Path.Combine(_folder, file.Path))})", Token);
        var schema = FlatRows.ToStruct(RandomRows.Schema);
        var expressions = new RandomExpressions(random);
        int compared = 0, failed = 0;
        for (var i = 0; i < 1500; i++)
        {
            var sql = expressions.Predicate(3);
            var resolved = DeltaExpression.Parse(sql).ResolvePredicate(schema, s_now);
            Evaluator.Check(resolved);
            Vector<bool> ours;
            try
            {
                ours = (Vector<bool>)new Evaluator(batch).Evaluate(resolved);
            }
            catch (ExpressionException)
            {
                // An overflow: the engine must refuse as well, or never reach the row.
                failed++;
                continue;
            }

            var rows = await session.RowsAsync($"SELECT ({DuckDbExpressions.ToSql(resolved)}) FROM t ORDER BY row", Token);
            for (var row = 0; row < batch.Count; row++)
            {
                var mine = ours.GetValue(row);
                if (!Equals(mine, rows[row][0]))
                    Assert.Fail($"{sql}\nresolved: {resolved}\nDuckDB: {DuckDbExpressions.ToSql(resolved)}\nrow {row}: {string.Join(", ", batch.Columns.Select(column => $"{column.Field.Name}={column.GetValue(row)}"))}\nours {mine ?? "null"}, DuckDB's {rows[row][0] ?? "null"}");
            }

            Assert.Equal(resolved.ToString(), DeltaExpression.Parse(resolved.ToString()).ResolvePredicate(schema, s_now).ToString());
            compared++;
        }

        Assert.True(compared > 1300, $"compared {compared}, failed {failed}");
    }

    [Theory]
    [InlineData("list[1]", "2")]
    [InlineData("list[9]", null)]
    [InlineData("element_at(list, -1)", "3")]
    [InlineData("map['b']", "2")]
    [InlineData("map.c", null)]
    [InlineData("st.inner.v", "7")]
    [InlineData("size(list) + cardinality(map)", "5")]
    [InlineData("array_contains(list, 3)", "True")]
    [InlineData("map_contains_key(map, 'z')", "False")]
    [InlineData("cast('12' as int)", "12")]
    [InlineData("try_cast('1.5' as int)", null)]
    [InlineData("cast(1.9 as int)", "1")]
    [InlineData("ntz + interval 1 day", "01/02/2024 03:04:05")]
    [InlineData("md5(cast('a' as binary))", "0cc175b9c0f1b6a831c399e269772661")]
    [InlineData("length(X'4142')", "2")]
    public async Task Nested_values_and_casts_are_what_Spark_makes_them(string sql, string? expected)
    {
        var schema = new StructType([
            new SchemaField("list", new ArrayType(PrimitiveType.Integer, true), true),
            new SchemaField("map", new MapType(PrimitiveType.String, PrimitiveType.Integer, true), true),
            new SchemaField("st", new StructType([new SchemaField("inner", new StructType([new SchemaField("v", PrimitiveType.Integer, true)]), true)]), true),
            new SchemaField("ntz", PrimitiveType.TimestampNtz, true),
        ]);
        using var session = DuckDbSession.Open(new DuckDbOptions());
        var value = await session.ScalarAsync($"SELECT {DuckDbExpressions.ToSql(DeltaExpression.Parse(sql).Resolve(schema, s_now))} FROM (SELECT [1, 2, 3] AS list, MAP {{'a': 1, 'b': 2}} AS map, {{'inner': {{'v': 7}}}} AS st, TIMESTAMP '2024-01-01 03:04:05' AS ntz)", Token);
        Assert.Equal(expected, value is null ? null : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
