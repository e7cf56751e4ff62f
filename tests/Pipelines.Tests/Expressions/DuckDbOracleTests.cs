using DuckDB.NET.Data;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines.Tests;

/// <summary>Every expression gives, row for row, what DuckDB gives (within TRY, which turns row errors into NULL).</summary>
public sealed class DuckDbOracleTests
{
    public static TheoryData<string> Expressions =>
    [
        "i + l", "i - l", "l * i", "l * l", "l + 1", "-l", "i / l", "d / 0", "i / 0", "i % l", "l % 0", "d % 2", "d % 0.0", "-7 % 3", "7 / 2", "1 + 2 * 3 - 4 % 3",
        "d + i", "d * 2", "2 - d", "-d", "- -l", "i + null", "null / 2",
        "i = 1", "i <> 1", "i < l", "i >= d", "d > 1", "d = d", "d <= 0", "s = 'ORD'", "s < t", "s <> t", "s >= 'a'", "b = true", "b <> false", "b > false",
        "day < date '2001-01-01'", "ts >= timestamp '2000-01-01 00:00:00'", "day = '2000-03-01'", "ts < day", "'2001-01-01' < ts", "i = null", "null = null",
        "b and i > 0", "b or i > 0", "not b", "not (b and s = 'ORD')", "b and null", "b or null", "not null", "i > 0 or d < 0 and b",
        "i is null", "i is not null", "b is true", "b is not true", "b is false", "b is not false", "i = 1 is null", "raw is null",
        "i in (1, 2, 7)", "i not in (1, 2)", "i in (1, null)", "i not in (1, null)", "s in ('ORD', 'ord')", "s not in ('x')", "l in (i, 10)", "d in (0.5, 1)", "day in ('2000-03-01')", "null in (1)",
        "i between 0 and 5", "i not between 0 and 5", "d between i and l", "l between null and 0", "s between 'A' and 'b'", "day between '1970-01-01' and date '2001-01-01'",
        "s like 'O%'", "s like '%r%'", "s like 'a_b'", "s like t", "s not like '%d'", "s like ''", "s like '_____h'",
        "case when i > 0 then 'pos' when i < 0 then 'neg' end", "case when b then i else d end", "case i when 1 then 'one' when 7 then s else 'many' end", "case when null then 1 else 2 end", "case when i is null then null else l end", "case when b then day else ts end",
        "coalesce(i, l, 0)", "coalesce(i, d)", "coalesce(s, t, 'none')", "coalesce(null, b)", "coalesce(null, null)", "nullif(i, 1)", "nullif(s, 'ORD')", "nullif(d, 0)", "nullif(l, d)",
        "abs(i % 100)", "abs(l)", "abs(d)", "round(d)", "round(d * 1.37, 1)", "round(i)", "floor(d)", "ceil(d)", "ceiling(d / 3)",
        "lower(s)", "upper(s)", "trim(s)", "length(s)", "length(t) + 1", "substr(s, 2)", "substr(s, 2, 2)", "substr(s, -2)", "substr(s, 0, 3)", "substr(s, -3, 2)", "substring(s, 10, 5)", "substr(s, 2, 0)",
        "s || t", "s || '-' || i", "concat(s, t)", "concat(s, i, b)", "s || day", "day || '|' || ts",
        "cast(d as int)", "cast(d as bigint)", "cast(i as double)", "cast(l as int)", "cast(s as int)", "cast(s as double)", "cast(s as date)", "cast(b as int)", "cast(i as boolean)", "cast(i as varchar)", "cast(d as varchar)", "cast(b as varchar)", "cast(ts as date)", "cast(day as timestamp)", "d::int + 1", "cast(3.5 as int)", "cast('2.5' as int)", "cast(day as varchar)", "cast(ts as varchar)",
        "hour(ts)", "minute(ts)", "second(ts)", "day(ts)", "month(ts)", "year(ts)", "quarter(day)", "day(\"day\")", "hour(day)", "month(\"day\")",
        "date_trunc('minute', ts)", "date_trunc('hour', ts)", "date_trunc('day', ts)", "date_trunc('week', ts)", "date_trunc('month', ts)", "date_trunc('quarter', ts)", "date_trunc('year', ts)", "date_trunc('week', \"day\")", "date_trunc('month', day)",
        "greatest(i, l)", "least(i, d, 0)", "greatest(s, t)", "least(day, ts)", "day + 1", "day - 30", "2 + day", "day - date '1970-01-01'",
        "i > 0 and (s like '%R%' or d between 0 and 1) and not l in (5, 6)", "hour(ts) * 60 + minute(ts) > 30", "case when d > 15 then 1 else 0 end * 100.0 / 3",
    ];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Expression_gives_what_DuckDB_gives(string text)
    {
        using var connection = Open();
        Assert.True(ExpressionCompiler.TryCompile(text, Rows.Schema, out var expression, out var error), error);
        var batch = Rows.Batch();
        var expected = Oracle(connection, text, expression.Type);
        var found = Enumerable.Range(0, batch.Count).Select(row => Rows.Text(expression, batch, row)).ToArray();
        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_expressions_give_what_DuckDB_gives(int seed)
    {
        using var connection = Open();
        // Overflow is NULL where it happens, while TRY makes the whole expression NULL: rows of extremes are left out.
        Run(connection, "delete from r where n in (7, 8)");
        int[] rows = [0, 1, 2, 3, 4, 5, 6, 9];
        var batch = Rows.Batch();
        var generator = new RandomExpressions(seed);
        for (var i = 0; i < 150; i++)
        {
            var text = generator.Next();
            Assert.True(ExpressionCompiler.TryCompile(text, Rows.Schema, out var expression, out var error), $"{text}: {error}");
            var expected = Oracle(connection, text, expression.Type);
            for (var n = 0; n < rows.Length; n++)
            {
                var found = Rows.Text(expression, batch, rows[n]);
                Assert.True(expected[n] == found, $"seed {seed}, row {rows[n]}: {text} gives {found ?? "NULL"}, DuckDB {expected[n] ?? "NULL"}");
            }
        }
    }

    private static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Run(connection, "set ieee_floating_point_ops = false");
        Run(connection, "create table r (n int, i int, l bigint, d double, b boolean, s varchar, t varchar, day date, ts timestamp, raw blob)");
        for (var n = 0; n < Rows.Values.Length; n++)
        {
            var row = Rows.Values[n];
            var cells = row.Select((value, c) => (value, c) switch
            {
                (null, _) => "null",
                (string s, _) => $"'{s}'",
                (double d, _) => $"'{d:R}'::double",
                (bool b, _) => b ? "true" : "false",
                (var v, 6) => $"date '1970-01-01' + ({v})::int",
                (var v, 7) => $"make_timestamp(({v})::bigint)",
                (long v, _) => $"('{v}')::bigint",
                (var v, _) => $"('{v}')::int",
            });
            Run(connection, $"insert into r values ({n}, {string.Join(", ", cells)}, 'ab')");
        }

        return connection;
    }

    private static string?[] Oracle(DuckDBConnection connection, string text, FieldType type)
    {
        // date_trunc, least and case answer a timestamp for dates in places: compare as what we say it is.
        var value = type switch
        {
            FieldType.Date => $"try(cast({text} as date)) - date '1970-01-01'",
            FieldType.Timestamp => $"epoch_us(try(cast({text} as timestamp)))",
            FieldType.Boolean or FieldType.String => $"try({text})",
            FieldType.Float64 or FieldType.Float32 => $"try(cast({text} as double))",
            _ => $"try({text})",
        };
        using var command = connection.CreateCommand();
        command.CommandText = $"select {value} from r order by n";
        using var reader = command.ExecuteReader();
        var results = new List<string?>();
        while (reader.Read())
        {
            results.Add(reader.IsDBNull(0) ? null : reader.GetValue(0) switch
            {
                bool boolean => boolean ? "true" : "false",
                double number => Rows.Number(number),
                var other => other.ToString(),
            });
        }

        return [.. results];
    }

    private static void Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
