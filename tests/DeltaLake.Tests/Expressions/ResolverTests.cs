using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake.Tests.Expressions;

public sealed class ResolverTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private static readonly StructType s_schema = new([
        new SchemaField("Id", PrimitiveType.Long, false),
        new SchemaField("n", PrimitiveType.Integer, true),
        new SchemaField("price", new DecimalType(10, 2), true),
        new SchemaField("name", PrimitiveType.String, true),
        new SchemaField("day", PrimitiveType.Date, true),
        new SchemaField("at", PrimitiveType.Timestamp, true),
        new SchemaField("x", PrimitiveType.Double, true),
        new SchemaField("s", new StructType([new SchemaField("Inner", new StructType([new SchemaField("v", PrimitiveType.Short, true)]), true)]), true),
        new SchemaField("list", new ArrayType(PrimitiveType.Integer, true), true),
        new SchemaField("map", new MapType(PrimitiveType.String, PrimitiveType.Double, true), true),
    ]);

    [Theory]
    [InlineData("id", "long")]
    [InlineData("s.inner.V", "short")]
    [InlineData("n + id", "long")]
    [InlineData("n / 2", "double")]
    [InlineData("price * price", "decimal(21,4)")]
    [InlineData("price + 1", "decimal(11,2)")]
    [InlineData("price + id", "decimal(23,2)")]
    [InlineData("price * x", "double")]
    [InlineData("n > '5'", "boolean")]
    [InlineData("day + 1", "date")]
    [InlineData("at + interval 1 day", "timestamp")]
    [InlineData("day + interval 1 hour", "timestamp")]
    [InlineData("coalesce(n, 1L)", "long")]
    [InlineData("if(n > 1, price, 0)", "decimal(12,2)")]
    [InlineData("year(at)", "integer")]
    [InlineData("name || n", "string")]
    [InlineData("list[0]", "integer")]
    [InlineData("map['k']", "double")]
    [InlineData("map.k", "double")]
    [InlineData("size(list)", "integer")]
    [InlineData("date_trunc('MON', day)", "timestamp")]
    [InlineData("floor(x)", "long")]
    public void A_resolved_expression_has_the_type_Spark_gives_it(string sql, string type) =>
        Assert.Equal(type, DeltaExpression.Parse(sql).Resolve(s_schema, s_now).Type!.SqlName);

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("DATE '2024-01-31' + interval 1 month", "DATE '2024-02-29'")]
    [InlineData("current_date()", "DATE '2026-01-05'")]
    [InlineData("current_timestamp() - interval 12 hours", "TIMESTAMP '2026-01-05 00:00:00Z'")]
    [InlineData("cast('2024-12-31' as date)", "DATE '2024-12-31'")]
    [InlineData("cast('x' as int)", "CAST('x' AS INT)")]
    [InlineData("cast('12345678901234567890123456789012345678' as decimal(38,0))", "12345678901234567890123456789012345678BD")]
    [InlineData("upper('abc') || lower('DEF')", "'ABCdef'")]
    [InlineData("nullif(1, 1)", "CAST(NULL AS INT)")]
    [InlineData("isnull(null)", "true")]
    [InlineData("substring('Spark', -3, 2)", "'ar'")]
    [InlineData("round(2.5)", "3BD")]
    [InlineData("1 / 0", "CAST(NULL AS DOUBLE)")]
    [InlineData("date_format(timestamp '2024-03-05 01:02:03', 'yyyy-MM-dd HH')", "'2024-03-05 01'")]
    public void What_depends_on_no_column_is_computed(string sql, string expected) =>
        Assert.Equal(expected, DeltaExpression.Parse(sql).Resolve(s_schema, s_now).ToString());

    [Theory]
    [InlineData("missing = 1", "found column 'missing', which does not exist; expected one of Id, n")]
    [InlineData("s.other = 1", "found field 'other'")]
    [InlineData("list > 1", "expected types that can be compared")]
    [InlineData("frobnicate(n)", "found function frobnicate, which is not supported")]
    [InlineData("upper(n, 2)", "found upper with 2 arguments; expected 1")]
    [InlineData("price / 3", "found a division of decimals")]
    [InlineData("name and true", "expected a condition")]
    [InlineData("cast(x as string)", "found a cast from double to string")]
    public void What_cannot_be_resolved_is_refused_by_name(string sql, string message)
    {
        var fault = Assert.Throws<ExpressionException>(() => DeltaExpression.Parse(sql).Resolve(s_schema, s_now));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_two_relations_needs_the_name_of_one()
    {
        var scope = ExpressionScope.Of(("target", s_schema), ("source", s_schema));
        Assert.Contains("'target' and 'source' have", Assert.Throws<ExpressionException>(() => DeltaExpression.Parse("id = 1").Resolve(scope, s_now)).Message, StringComparison.Ordinal);
        Assert.Equal("(target.Id = source.Id)", DeltaExpression.Parse("TARGET.id = Source.ID").ResolvePredicate(scope, s_now).ToString());
    }
}
