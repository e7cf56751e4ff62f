using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake.Tests.Expressions;

public sealed class ParserTests
{
    [Theory]
    [InlineData("a = 1 or b = 2 and not c = 3", "((a = 1) OR ((b = 2) AND (NOT (c = 3))))")]
    [InlineData("a + b * c - d / e % f DIV g", "((a + (b * c)) - (((d / e) % f) DIV g))")]
    [InlineData("a == 1", "(a = 1)")]
    [InlineData("a != 1 and b <> 2", "((a <> 1) AND (b <> 2))")]
    [InlineData("a <=> NULL", "(a <=> NULL)")]
    [InlineData("a is not null", "(NOT (a IS NULL))")]
    [InlineData("a is not distinct from b", "(a <=> b)")]
    [InlineData("a is true", "(a <=> true)")]
    [InlineData("a between 1 and 2 and b", "(((a >= 1) AND (a <= 2)) AND b)")]
    [InlineData("a not in (1, 2L, 'x')", "(NOT (a IN (1, 2L, 'x')))")]
    [InlineData("name like 'ab\\%%' escape '!'", "(name LIKE 'ab\\\\%%' ESCAPE '!')")]
    [InlineData("name not rlike r'^\\d+$'", "(NOT (name RLIKE '^\\\\d+$'))")]
    [InlineData("`a b`.c.`d``e` > 0", "(`a b`.c.`d``e` > 0)")]
    [InlineData("case a when 1 then 'x' else 'y' end", "CASE WHEN (a = 1) THEN 'x' ELSE 'y' END")]
    [InlineData("case when a then 1 end", "CASE WHEN a THEN 1 ELSE NULL END")]
    [InlineData("cast(a as decimal(10, 2))", "CAST(a AS DECIMAL(10,2))")]
    [InlineData("a::date + 1", "(CAST(a AS DATE) + 1)")]
    [InlineData("try_cast(a as map<string,array<int>>)", "TRY_CAST(a AS MAP<STRING, ARRAY<INT>>)")]
    [InlineData("DATE '2024-02-29' < d", "(DATE '2024-02-29' < d)")]
    [InlineData("TIMESTAMP '2024-01-01 10:00:00+02:00'", "TIMESTAMP '2024-01-01 08:00:00Z'")]
    [InlineData("timestamp_ntz '2024-01-01T10:00:00.5'", "TIMESTAMP_NTZ '2024-01-01 10:00:00.5'")]
    [InlineData("X'0aFF'", "X'0AFF'")]
    [InlineData("-5", "-5")]
    [InlineData("- -5", "(- -5)")]
    [InlineData("-a", "(- a)")]
    [InlineData("1.50", "1.50BD")]
    [InlineData("1e3", "1000D")]
    [InlineData("1.5f + 2S + 3Y + .5", "(((1.5F + 2S) + 3Y) + 0.5BD)")]
    [InlineData("9999999999", "9999999999L")]
    [InlineData("99999999999999999999", "99999999999999999999BD")]
    [InlineData("'it''s' ' \\'ok\\' \\u00e9'", "'it\\'s \\'ok\\' é'")]
    [InlineData("\"text\" || 'x'", "('text' || 'x')")]
    [InlineData("a[0].b['k']", "a[0].b['k']")]
    [InlineData("ts - interval 7 days", "(ts + INTERVAL -7 DAYS)")]
    [InlineData("ts + interval '1 year 2 hours'", "(ts + INTERVAL 12 MONTHS 7200000000 MICROSECONDS)")]
    [InlineData("current_date", "current_date()")]
    [InlineData("extract(YEAR from ts)", "extract('YEAR', ts)")]
    [InlineData("a -- comment\n /* and */ = 1", "(a = 1)")]
    [InlineData("a & b | c ^ ~d", "((a & b) | (c ^ (~d)))")]
    public void An_expression_is_read_and_written_back(string sql, string expected)
    {
        var parsed = DeltaExpression.Parse(sql);
        Assert.Equal(expected, parsed.ToString());
        Assert.Equal(expected, DeltaExpression.Parse(expected).ToString());
    }

    [Theory]
    [InlineData("a >", "position 4: found the end; expected a column, a literal, a function or '('")]
    [InlineData("a > 1 1", "position 7: found '1'; expected an operator or the end")]
    [InlineData("(a > 1", "position 7: found the end; expected ')'")]
    [InlineData("a in (select 1)", "position 7: found 'select'; expected a list of values; subqueries are not supported")]
    [InlineData("a = 'x", "position 5: found a text without an end")]
    [InlineData("a ? 1", "position 3: found '?'")]
    [InlineData("DATE '2023-02-29'", "expected a date such as")]
    [InlineData("a is 5", "expected NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after IS")]
    [InlineData("cast(a as nothing)", "position 11: found 'nothing'; expected a type")]
    [InlineData("1abc", "found '1abc'; expected a number")]
    [InlineData("300Y", "expected a number that fits its type")]
    [InlineData("case end", "expected")]
    [InlineData("", "position 1: found the end")]
    public void A_fault_names_position_found_and_expected(string sql, string message)
    {
        var fault = Assert.Throws<ExpressionException>(() => DeltaExpression.Parse(sql));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_before_the_stack_ends() =>
        Assert.Contains("nested", Assert.Throws<ExpressionException>(() => DeltaExpression.Parse(new string('(', 100_000) + "1" + new string(')', 100_000))).Message, StringComparison.Ordinal);
}
