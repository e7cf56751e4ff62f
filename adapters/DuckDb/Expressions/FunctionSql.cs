using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Expressions;

/// <summary>The functions of Spark that expressions may call, in DuckDB's SQL.</summary>
internal static class FunctionSql
{
    private static readonly Dictionary<string, Func<FunctionCall, IReadOnlyList<string>, string>> s_functions = new(StringComparer.Ordinal)
    {
        ["coalesce"] = Plain("coalesce"),
        ["upper"] = Plain("upper"),
        ["lower"] = Plain("lower"),
        ["trim"] = (_, a) => $"trim({a[0]}, ' ')",
        ["ltrim"] = (_, a) => $"ltrim({a[0]}, ' ')",
        ["rtrim"] = (_, a) => $"rtrim({a[0]}, ' ')",
        ["reverse"] = Plain("reverse"),
        ["length"] = (call, a) => $"CAST({(call.Arguments[0].Type!.Kind == DeltaTypeKind.Binary ? "octet_length" : "length")}({a[0]}) AS INTEGER)",
        ["substring"] = (_, a) => Substring(a),
        ["left"] = (_, a) => $"left({a[0]}, greatest({a[1]}, 0))",
        ["right"] = (_, a) => $"right({a[0]}, greatest({a[1]}, 0))",
        // DuckDB's function of this name leaves nulls out.
        // The cast is for a null among constants, which leaves DuckDB without a type.
        ["concat"] = (call, a) => Typed(call, $"({string.Join(" || ", a)})"),
        ["startswith"] = Plain("starts_with"),
        ["endswith"] = Plain("ends_with"),
        ["contains"] = Plain("contains"),
        ["replace"] = (_, a) => $"CASE WHEN {a[1]} = '' THEN {a[0]} ELSE replace({a[0]}, {a[1]}, {(a.Count > 2 ? a[2] : "''")}) END",
        ["instr"] = (_, a) => $"CAST(instr({a[0]}, {a[1]}) AS INTEGER)",
        ["md5"] = Plain("md5"),
        ["abs"] = Plain("abs"),
        ["sign"] = (_, a) => $"CASE WHEN isnan({a[0]}) THEN {a[0]} ELSE CAST(sign({a[0]}) AS DOUBLE) END",
        ["floor"] = (call, a) => Typed(call, $"floor({a[0]})"),
        ["ceil"] = (call, a) => Typed(call, $"ceil({a[0]})"),
        ["round"] = (call, a) => call.Type!.Kind is DeltaTypeKind.Float or DeltaTypeKind.Double or DeltaTypeKind.Decimal ? Typed(call, $"round({string.Join(", ", a)})") : a[0],
        ["sqrt"] = (_, a) => $"CASE WHEN {a[0]} < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt({a[0]}) END",
        ["power"] = Plain("pow"),
        ["isnan"] = (_, a) => $"coalesce(isnan({a[0]}), false)",
        ["greatest"] = Plain("greatest"),
        ["least"] = Plain("least"),
        ["year"] = Part("year"),
        ["quarter"] = Part("quarter"),
        ["month"] = Part("month"),
        ["dayofmonth"] = Part("day"),
        ["dayofyear"] = Part("dayofyear"),
        ["dayofweek"] = (_, a) => $"(CAST(dayofweek({a[0]}) AS INTEGER) + 1)",
        ["weekday"] = (_, a) => $"(CAST(isodow({a[0]}) AS INTEGER) - 1)",
        ["hour"] = Part("hour"),
        ["minute"] = Part("minute"),
        ["second"] = Part("second"),
        ["date_add"] = (_, a) => $"({a[0]} + {a[1]})",
        ["datediff"] = (_, a) => $"CAST(({a[0]} - {a[1]}) AS INTEGER)",
        ["add_months"] = (_, a) => $"CAST({a[0]} + to_months({a[1]}) AS DATE)",
        ["last_day"] = Plain("last_day"),
        ["date_trunc"] = (call, a) => Truncate(call, Unit(call, 0), a[1]),
        ["trunc"] = (call, a) => Truncate(call, Unit(call, 1), a[0]),
        ["date_format"] = (call, a) => $"strftime(CAST({a[0]} AS TIMESTAMP), {SqlText.Literal(Format((string)((Literal)call.Arguments[1]).Value!))})",
        ["make_date"] = Plain("make_date"),
        ["unix_timestamp"] = (_, a) => FloorMicros(a[0], 1_000_000),
        ["unix_millis"] = (_, a) => FloorMicros(a[0], 1_000),
        ["unix_micros"] = Plain("epoch_us"),
        ["timestamp_seconds"] = Instant(1_000_000),
        ["timestamp_millis"] = Instant(1_000),
        ["timestamp_micros"] = Instant(1),
        ["size"] = (call, a) => $"CAST({(call.Arguments[0].Type is MapType ? "cardinality" : "len")}({a[0]}) AS INTEGER)",
        ["array_has_null"] = (_, a) => $"(len(list_filter({a[0]}, lambda e: e IS NULL)) > 0)",
        ["array_contains"] = (_, a) => $"CASE WHEN {a[0]} IS NULL OR {a[1]} IS NULL THEN NULL WHEN list_contains({a[0]}, {a[1]}) THEN true WHEN len(list_filter({a[0]}, lambda e: e IS NULL)) > 0 THEN NULL ELSE false END",
        ["element_at"] = (call, a) => call.Arguments[0].Type is MapType ? $"map_extract({a[0]}, {a[1]})[1]" : $"list_extract({a[0]}, {a[1]})",
        ["map_keys"] = Plain("map_keys"),
        ["map_values"] = Plain("map_values"),
        ["map_contains_key"] = Plain("map_contains"),
    };

    public static string Of(FunctionCall call, IReadOnlyList<string> arguments) => s_functions.TryGetValue(call.Name, out var render)
        ? render(call, arguments)
        : throw new DuckDbFaultException($"expression '{call}': function {call.Name} has no counterpart in DuckDB");

    private static Func<FunctionCall, IReadOnlyList<string>, string> Plain(string name) => (_, a) => $"{name}({string.Join(", ", a)})";

    private static Func<FunctionCall, IReadOnlyList<string>, string> Part(string name) => (_, a) => $"CAST({name}({a[0]}) AS INTEGER)";

    private static Func<FunctionCall, IReadOnlyList<string>, string> Instant(long factor) => (_, a) => $"CAST(make_timestamp({a[0]} * {factor}) AS TIMESTAMPTZ)";

    private static string Typed(FunctionCall call, string sql) => $"CAST({sql} AS {DuckDbExpressions.TypeOf(call.Type!)})";

    internal static string FloorMicros(string operand, long divisor) => $"((epoch_us({operand}) - ((epoch_us({operand}) % {divisor}) + {divisor}) % {divisor}) // {divisor})";

    /// <summary>DuckDB 1.5 makes <c>date_trunc('month', x) = '2024-01-02'</c> false for a null x, where it must be null; the CASE keeps it from that.</summary>
    private static string Truncate(FunctionCall call, string unit, string operand) =>
        $"CASE WHEN {operand} IS NOT NULL THEN {Typed(call, $"date_trunc({unit}, {operand})")} END";

    private static string Unit(FunctionCall call, int argument) => SqlText.Literal(SparkFormats.UnitOf(call, argument));

    private static string Format(string pattern) => string.Concat(SparkFormats.DateParts(pattern).Select(part => part switch
    {
        "yyyy" => "%Y",
        "MM" => "%m",
        "dd" => "%d",
        "HH" => "%H",
        "mm" => "%M",
        "ss" => "%S",
        "%" => "%%",
        _ => part,
    }));

    /// <summary>Spark counts what lies before the text for the length, and takes 0 for 1.</summary>
    private static string Substring(IReadOnlyList<string> a)
    {
        var first = $"(CASE WHEN {a[1]} > 0 THEN {a[1]}::BIGINT - 1 WHEN {a[1]} < 0 THEN length({a[0]}) + {a[1]}::BIGINT ELSE 0 END)";
        return a.Count == 2
            ? $"substring({a[0]}, greatest({first}, 0) + 1)"
            : $"substring({a[0]}, greatest({first}, 0) + 1, greatest({first} + greatest({a[2]}::BIGINT, 0) - greatest({first}, 0), 0))";
    }
}
