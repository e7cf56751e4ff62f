using System.Globalization;

namespace RealTimeMesh.DuckDb.Tests.Expressions;

/// <summary>Random SQL over the columns of <see cref="RandomRows"/>.</summary>
internal sealed class RandomExpressions(Random random)
{
    private static readonly string[] s_comparisons = ["=", "<>", "<", "<=", ">", ">=", "<=>"];

    public string Predicate(int depth)
    {
        if (depth <= 0 || random.Next(3) == 0)
            return Leaf(depth);
        return random.Next(8) switch
        {
            0 or 1 or 2 => $"({Predicate(depth - 1)} AND {Predicate(depth - 1)})",
            3 or 4 => $"({Predicate(depth - 1)} OR {Predicate(depth - 1)})",
            5 => $"NOT {Predicate(depth - 1)}",
            6 => $"({Predicate(depth - 1)}) IS NULL",
            _ => $"CASE WHEN {Predicate(depth - 1)} THEN {Predicate(depth - 1)} ELSE {Predicate(depth - 1)} END",
        };
    }

    private string Leaf(int depth) => random.Next(14) switch
    {
        0 => "b",
        1 => $"{Column()} IS {(random.Next(2) == 0 ? "NOT " : "")}NULL",
        2 or 3 => $"{Integer(depth)} {Comparison()} {Integer(depth)}",
        4 => $"{Real(depth)} {Comparison()} {Real(depth)}",
        5 => $"{Text(depth)} {Comparison()} {Text(depth)}",
        6 => $"{Day(depth)} {Comparison()} {Day(depth)}",
        7 => $"{Moment(depth)} {Comparison()} {Moment(depth)}",
        8 => $"{Decimal(depth)} {Comparison()} {Decimal(depth)}",
        9 => $"{Integer(1)} {(random.Next(2) == 0 ? "NOT " : "")}IN ({string.Join(", ", Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(10) == 0 ? "NULL" : IntegerLiteral()))})",
        10 => $"s {(random.Next(3) == 0 ? "NOT " : "")}LIKE {Quote(RandomRows.Text(random).Replace("\\", "", StringComparison.Ordinal) + (random.Next(3) == 0 ? "" : "%"))}",
        11 => $"s IN ({Quote(RandomRows.Text(random))}, {Quote(RandomRows.Text(random))})",
        12 => $"{Day(1)} BETWEEN {DayLiteral()} AND {DayLiteral()}",
        _ => $"startswith(s, {Quote(RandomRows.Text(random))})",
    };

    private string Column() => RandomRows.Schema.Fields[random.Next(1, RandomRows.Schema.Fields.Count)].Name;

    private string Comparison() => s_comparisons[random.Next(s_comparisons.Length)];

    private string Integer(int depth) => random.Next(depth > 0 ? 16 : 4) switch
    {
        0 or 1 => "i",
        2 => "l",
        3 or 4 or 5 => IntegerLiteral(),
        6 => $"(i % {random.Next(0, 5)})",
        7 => $"year({Day(depth - 1)})",
        8 => $"length({Text(depth - 1)})",
        9 => $"coalesce({Integer(depth - 1)}, {IntegerLiteral()})",
        10 => $"cast({(random.Next(2) == 0 ? "dec" : "at")} as bigint)",
        11 => $"datediff({Day(depth - 1)}, {Day(depth - 1)})",
        12 => $"(cast(i as bigint) * {random.Next(-9, 9)} + 1)",
        13 => $"(i DIV {random.Next(0, 5)})",
        14 => $"{(random.Next(2) == 0 ? "dayofweek" : "weekday")}({Day(depth - 1)})",
        _ => $"{(random.Next(2) == 0 ? "hour" : "minute")}({Moment(depth - 1)})",
    };

    private string Real(int depth) => random.Next(depth > 0 ? 9 : 4) switch
    {
        0 or 1 => "d",
        2 => "f",
        3 => RealLiteral(),
        4 => $"({Real(depth - 1)} + {Real(depth - 1)})",
        5 => $"({Real(depth - 1)} / {Real(depth - 1)})",
        6 => $"abs({Real(depth - 1)})",
        7 => "cast(i as double)",
        _ => $"greatest({Real(depth - 1)}, {Real(depth - 1)})",
    };

    private string Decimal(int depth) => random.Next(depth > 0 ? 8 : 4) switch
    {
        0 or 1 => "dec",
        2 => "big",
        3 => (random.Next(-9000, 9000) / 1000m).ToString("F3", CultureInfo.InvariantCulture),
        4 => $"(dec + {random.Next(0, 9)})",
        5 => $"(dec * dec)",
        6 => $"round({Decimal(depth - 1)}, {random.Next(0, 3)})",
        _ => $"abs({Decimal(depth - 1)})",
    };

    private string Text(int depth) => random.Next(depth > 0 ? 9 : 3) switch
    {
        0 or 1 => "s",
        2 => Quote(RandomRows.Text(random)),
        3 => $"substring(s, {random.Next(-4, 5)}, {random.Next(0, 4)})",
        4 => $"concat(s, {Text(depth - 1)})",
        5 => $"trim({Text(depth - 1)})",
        6 => "cast(i as string)",
        7 => $"cast({(random.Next(2) == 0 ? "day" : "at")} as string)",
        _ => $"date_format(at, 'yyyy-MM')",
    };

    private string Day(int depth) => random.Next(depth > 0 ? 9 : 3) switch
    {
        0 or 1 => "day",
        2 => DayLiteral(),
        3 => "cast(at as date)",
        4 => $"({Day(depth - 1)} + {random.Next(-40, 40)})",
        5 => $"({Day(depth - 1)} + INTERVAL {random.Next(-14, 14)} MONTHS)",
        6 => $"last_day({Day(depth - 1)})",
        7 => $"trunc({Day(depth - 1)}, '{new[] { "month", "year", "week", "quarter" }[random.Next(4)]}')",
        _ => $"coalesce({Day(depth - 1)}, {DayLiteral()})",
    };

    private string Moment(int depth) => random.Next(depth > 0 ? 7 : 3) switch
    {
        0 or 1 => "at",
        2 => $"TIMESTAMP '{DateTime.UnixEpoch.AddDays(19_700 + random.Next(-60, 250)).AddMilliseconds(random.Next(86_400_000)).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)}Z'",
        3 => $"date_trunc('{new[] { "hour", "day", "month", "week" }[random.Next(4)]}', at)",
        4 => "cast(day as timestamp)",
        5 => $"({Moment(depth - 1)} - INTERVAL {random.Next(0, 100)} HOURS)",
        _ => $"timestamp_millis({random.NextInt64(1_690_000_000_000, 1_720_000_000_000)}L)",
    };

    private string IntegerLiteral() => (random.Next(-110, 250)).ToString(CultureInfo.InvariantCulture);

    private string RealLiteral() => random.Next(6) switch
    {
        0 => "cast('NaN' as double)",
        1 => "-0.0D",
        2 => "0.0D",
        _ => (random.Next(-50, 300) / 4d).ToString("R", CultureInfo.InvariantCulture) + "D",
    };

    private string DayLiteral() => $"DATE '{DateTime.UnixEpoch.AddDays(19_700 + random.Next(-500, 700)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'";

    private static string Quote(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
