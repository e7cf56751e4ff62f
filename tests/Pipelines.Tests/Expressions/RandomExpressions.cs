namespace RealTimeMesh.Pipelines.Tests;

/// <summary>Makes well-typed expressions over the fields of <see cref="Rows"/>.</summary>
internal sealed class RandomExpressions(int seed)
{
    private readonly Random _random = new(seed);

    public string Next() => _random.Next(4) switch
    {
        0 => Number(3),
        1 => Text(3),
        _ => Boolean(4),
    };

    private string Boolean(int depth) => _random.Next(depth <= 0 ? 3 : 12) switch
    {
        0 => "b",
        1 => Pick("true", "false", "null"),
        2 => "l > 0",
        3 => $"({Boolean(depth - 1)} and {Boolean(depth - 1)})",
        4 => $"({Boolean(depth - 1)} or {Boolean(depth - 1)})",
        5 => $"not {Boolean(depth - 1)}",
        6 => $"({Number(depth - 1)} {Compare()} {Number(depth - 1)})",
        7 => $"({Text(depth - 1)} {Compare()} {Text(depth - 1)})",
        8 => $"({Number(depth - 1)} {Pick("is null", "is not null")})",
        9 => $"({Number(depth - 1)} {Pick("in", "not in")} ({Number(depth - 1)}, {Pick("1", "2", "null", "0.5")}, {Number(depth - 1)}))",
        10 => $"({Number(depth - 1)} {Pick("between", "not between")} {Number(depth - 1)} and {Number(depth - 1)})",
        _ => $"({Text(depth - 1)} {Pick("like", "not like")} '{Pick("O%", "%r%", "_", "%_%", "")}')",
    };

    private string Number(int depth) => _random.Next(depth <= 0 ? 4 : 12) switch
    {
        0 => "cast(i as bigint)",
        1 => Pick("l", "3", "0", "-2"),
        2 => "d",
        3 => Pick("0.5", "2.5", "1e3"),
        4 => $"({Number(depth - 1)} {Pick("+", "-", "*")} {Number(depth - 1)})",
        5 => $"({Number(depth - 1)} / {Number(depth - 1)})",
        6 => $"abs({Number(depth - 1)})",
        7 => $"case when {Boolean(depth - 1)} then {Number(depth - 1)} else {Number(depth - 1)} end",
        8 => $"coalesce({Number(depth - 1)}, {Number(depth - 1)})",
        9 => $"length({Text(depth - 1)})",
        10 => $"{Pick("greatest", "least")}({Number(depth - 1)}, {Number(depth - 1)})",
        _ => $"nullif({Number(depth - 1)}, {Number(depth - 1)})",
    };

    private string Text(int depth) => _random.Next(depth <= 0 ? 3 : 9) switch
    {
        0 => "s",
        1 => "t",
        2 => Pick("'ORD'", "''", "'it''s'"),
        3 => $"({Text(depth - 1)} || {Text(depth - 1)})",
        4 => $"{Pick("lower", "upper", "trim")}({Text(depth - 1)})",
        5 => $"substr({Text(depth - 1)}, {Pick("1", "2", "-1", "0")}, {Pick("1", "2", "5")})",
        6 => $"case when {Boolean(depth - 1)} then {Text(depth - 1)} end",
        7 => $"coalesce({Text(depth - 1)}, {Text(depth - 1)})",
        _ => $"concat({Text(depth - 1)}, {Boolean(depth - 1)})",
    };

    private string Compare() => Pick("=", "<>", "<", "<=", ">", ">=");

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
