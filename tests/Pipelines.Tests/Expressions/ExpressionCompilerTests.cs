using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines.Tests;

public sealed class ExpressionCompilerTests
{
    [Theory]
    [InlineData("dd > 1", "column 1: field 'dd' is not in the contract")]
    [InlineData("i > 'x'", "column 3: '>' takes operands of one type; found int and varchar")]
    [InlineData("s + 1", "column 3: '+' cannot be used with varchar and bigint")]
    [InlineData("i and b", "column 1: 'and' takes a boolean; found int")]
    [InlineData("lenght(s)", "column 1: function 'lenght' is not known; did you mean 'length'?")]
    [InlineData("round(d, s)", "column 10: round takes an integer; found varchar")]
    [InlineData("substr(s)", "column 1: substr takes 2 to 3 argument(s); found 1")]
    [InlineData("i >", "column 4: found the end; expected a value")]
    [InlineData("(i > 1", "column 7: found the end; expected ')'")]
    [InlineData("i > 1 b", "column 7: found 'b'; expected an operator or the end")]
    [InlineData("s = 'open", "column 5: the quote ' is never closed")]
    [InlineData("day = '2001-02-30'", "column 5: '2001-02-30' is no date")]
    [InlineData("cast(i as decimals)", "column 11: type 'decimals' is not known")]
    [InlineData("raw = 'x'", "column 5: '=' takes operands of one type; found bytes and varchar")]
    [InlineData("sum(i) > 1", "column 1: sum is an aggregate")]
    [InlineData("i ; drop", "column 3: character ';' has no meaning")]
    [InlineData("i // 2", "column 3: '//' is not available")]
    [InlineData("date_trunc('fortnight', ts)", "column 12: date_trunc takes one of the units")]
    [InlineData("", "column 1: found the end")]
    public void Wrong_expression_is_refused_with_its_place(string text, string expected)
    {
        Assert.False(ExpressionCompiler.TryCompile(text, Rows.Schema, out _, out var error));
        Assert.StartsWith(expected, error);
    }

    [Fact]
    public void Misspelt_field_gets_a_suggestion()
    {
        var schema = new RowSchema([new Field("distance", FieldType.Int32, false)]);
        Assert.False(ExpressionCompiler.TryCompile("distnace > 0", schema, out _, out var error));
        Assert.Equal("column 1: field 'distnace' is not in the contract; did you mean 'distance'?", error);
    }

    [Fact]
    public void Nesting_without_end_is_refused_and_not_a_crash()
    {
        Assert.False(ExpressionCompiler.TryCompile(new string('(', 10_000) + "1", Rows.Schema, out _, out var error));
        Assert.Contains("nested more than", error);
    }

    [Fact]
    public void Text_of_excessive_length_is_refused()
    {
        Assert.False(ExpressionCompiler.TryCompile(string.Join('+', Enumerable.Repeat("1", 10_000)), Rows.Schema, out _, out var error));
        Assert.Contains("at most 16384", error);
    }

    [Fact]
    public void Long_chain_without_nesting_is_accepted()
    {
        Assert.True(ExpressionCompiler.TryCompile(string.Join(" + ", Enumerable.Repeat("i", 2_000)), Rows.Schema, out var sum, out _));
        Assert.True(sum.TryGetInt64(Rows.Batch(), 0, out var value));
        Assert.Equal(2_000, value);
        Assert.False(ExpressionCompiler.TryCompile(string.Join("+", Enumerable.Repeat("i", 2_002)), Rows.Schema, out _, out var error));
        Assert.Contains("more than 2000 operators", error);
    }

    [Fact]
    public void Decimal_field_is_computed_as_a_double()
    {
        var schema = new RowSchema([new Field("price", FieldType.Decimal, true) { Precision = 10, Scale = 2 }]);
        var batch = new ColumnBatch(schema);
        ((DecimalColumn)batch.Columns[0]).Append(12.35m);
        Assert.True(ExpressionCompiler.TryCompile("price * 2 = 24.7 and price = 12.35", schema, out var test, out var error), error);
        Assert.True(test.IsTrue(batch, 0));
    }

    [Fact]
    public void IsTrue_is_false_where_the_condition_is_NULL()
    {
        Assert.True(ExpressionCompiler.TryCompile("i > 0", Rows.Schema, out var test, out _));
        Assert.False(test.IsTrue(Rows.Batch(), 4));
    }

    [Theory]
    [InlineData("count(*)", "count", null, 0)]
    [InlineData("COUNT(i)", "count", FieldType.Int32, 0)]
    [InlineData("count(distinct s)", "count_distinct", FieldType.String, 0)]
    [InlineData("sum(i * 2)", "sum", FieldType.Int64, 0)]
    [InlineData("max(ts)", "max", FieldType.Timestamp, 0)]
    [InlineData("quantile(d, 0.95)", "quantile", FieldType.Float64, 0.95)]
    [InlineData("avg(case when b then 1.0 else 0 end)", "avg", FieldType.Float64, 0)]
    public void Aggregate_is_read(string text, string function, FieldType? argument, double parameter)
    {
        Assert.True(AggregateParser.TryCompile("x", text, Rows.Schema, out var aggregate, out var error), error);
        Assert.Equal((function, argument, parameter), (aggregate.Function, aggregate.Argument?.Type, aggregate.Parameter));
    }

    [Theory]
    [InlineData("sum(s)", "column 5: sum takes a number; found varchar")]
    [InlineData("i + 1", "column 3: this is no aggregate")]
    [InlineData("cuont(*)", "column 1: this is no aggregate; did you mean 'count'?")]
    [InlineData("sum(*)", "column 1: only count takes *")]
    [InlineData("quantile(d, 95)", "column 13: quantile takes a literal from 0 to 1")]
    [InlineData("sum(distinct i)", "column 1: only count takes distinct")]
    [InlineData("sum(count(*))", "column 5: count is an aggregate")]
    [InlineData("sum(i) / count(*)", "column 8: this is no aggregate")]
    public void Wrong_aggregate_is_refused_with_its_place(string text, string expected)
    {
        Assert.False(AggregateParser.TryCompile("x", text, Rows.Schema, out _, out var error));
        Assert.StartsWith(expected, error);
    }
}
