namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Functions of dates and timestamps, in UTC.</summary>
internal static class TimeFunctions
{
    private static readonly PrimitiveType s_int = PrimitiveType.Integer;
    private static readonly PrimitiveType s_date = PrimitiveType.Date;
    private static readonly string[] s_fixedUnits = ["second", "minute", "hour", "day", "week", "month", "quarter", "year", "millisecond", "microsecond"];

    public static IReadOnlyList<SparkFunction> All { get; } =
    [
        Part("year", days => CivilTime.CivilOf(days).Year),
        Part("quarter", days => ((CivilTime.CivilOf(days).Month - 1) / 3) + 1),
        Part("month", days => CivilTime.CivilOf(days).Month),
        Part("dayofmonth", days => CivilTime.CivilOf(days).Day),
        Part("dayofyear", days => days - CivilTime.DaysOf(CivilTime.CivilOf(days).Year, 1, 1) + 1),
        // 1970-01-01 was a Thursday. Sunday is 1 here, Monday 0 in weekday.
        Part("dayofweek", days => Mod(days + 4, 7) + 1),
        Part("weekday", days => Mod(days + 3, 7)),
        TimePart("hour", micros => Mod(micros, CivilTime.MicrosPerDay) / 3_600_000_000),
        TimePart("minute", micros => Mod(micros, 3_600_000_000) / 60_000_000),
        TimePart("second", micros => Mod(micros, 60_000_000) / 1_000_000),
        new("date_add", 2, 2, Signatures.Of(s_date, s_date, s_int), (call, values, rows) => VectorMath.Map<long, long, long>(values[0], values[1], (days, more) => days + more, rows, call)),
        new("datediff", 2, 2, Signatures.Of(s_int, s_date), (call, values, rows) => VectorMath.Map<long, long, long>(values[0], values[1], (end, start) => end - start, rows, call)),
        new("add_months", 2, 2, Signatures.Of(s_date, s_date, s_int), (call, values, rows) => VectorMath.Map<long, long, long>(values[0], values[1], CivilTime.AddMonths, rows, call)),
        new("last_day", 1, 1, Signatures.Of(s_date, s_date), (call, values, rows) => VectorMath.Map<long, long>(values[0], LastDay, rows, call)),
        new("date_trunc", 2, 2, TruncType, (call, values, rows) => VectorMath.Map<long, long>(values[1], micros => Truncate(micros, Unit(call, 0)), rows, call)),
        new("trunc", 2, 2, TruncDateType, (call, values, rows) => VectorMath.Map<long, long>(values[0], days => CivilTime.FloorDiv(Truncate(days * CivilTime.MicrosPerDay, Unit(call, 1)), CivilTime.MicrosPerDay), rows, call)),
        new("date_format", 2, 2, FormatType, (call, values, rows) => VectorMath.Map<long, string>(values[0], micros => DateFormats.Format(micros, (string)((Literal)call.Arguments[1]).Value!), rows, call)),
        new("make_date", 3, 3, Signatures.Of(s_date, s_int), MakeDate),
        new("unix_timestamp", 1, 1, Signatures.Of(PrimitiveType.Long, PrimitiveType.Timestamp), (call, values, rows) => VectorMath.Map<long, long>(values[0], micros => CivilTime.FloorDiv(micros, 1_000_000), rows, call)),
        Instant("timestamp_seconds", 1_000_000),
        Instant("timestamp_millis", 1_000),
        Instant("timestamp_micros", 1),
        new("unix_millis", 1, 1, Signatures.Of(PrimitiveType.Long, PrimitiveType.Timestamp), (call, values, rows) => VectorMath.Map<long, long>(values[0], micros => CivilTime.FloorDiv(micros, 1_000), rows, call)),
        new("unix_micros", 1, 1, Signatures.Of(PrimitiveType.Long, PrimitiveType.Timestamp), (_, values, _) => values[0]),
    ];

    /// <summary>The function of a unit in <c>extract(unit FROM x)</c>, or null.</summary>
    public static string? PartOf(string unit) => unit.ToLowerInvariant() switch
    {
        "year" or "y" or "years" or "yr" or "yrs" => "year",
        "quarter" or "qtr" => "quarter",
        "month" or "mon" or "mons" or "months" => "month",
        "day" or "d" or "days" => "dayofmonth",
        "doy" => "dayofyear",
        "dayofweek" or "dow" => "dayofweek",
        "hour" or "h" or "hours" or "hr" or "hrs" => "hour",
        "minute" or "m" or "min" or "mins" or "minutes" => "minute",
        _ => null,
    };

    /// <summary>The unit of a truncation in its plain form; throws for one that is not known.</summary>
    public static string Unit(FunctionCall call, int argument)
    {
        var unit = (call.Arguments[argument] as Literal)?.Value is string text ? text.ToLowerInvariant() : "";
        unit = unit switch { "yyyy" or "yy" => "year", "mon" or "mm" => "month", "dd" => "day", _ => unit };
        return s_fixedUnits.Contains(unit) ? unit : throw Signatures.Fault(call, $"a unit as a text: {string.Join(", ", s_fixedUnits)}");
    }

    /// <summary>The beginning of the unit that a moment is in.</summary>
    public static long Truncate(long micros, string unit)
    {
        long Down(long step) => CivilTime.FloorDiv(micros, step) * step;
        var days = CivilTime.FloorDiv(micros, CivilTime.MicrosPerDay);
        var (year, month, _) = CivilTime.CivilOf(days);
        return unit switch
        {
            "microsecond" => micros,
            "millisecond" => Down(1_000),
            "second" => Down(1_000_000),
            "minute" => Down(60_000_000),
            "hour" => Down(3_600_000_000),
            "day" => Down(CivilTime.MicrosPerDay),
            "week" => (days - Mod(days + 3, 7)) * CivilTime.MicrosPerDay,
            "month" => CivilTime.DaysOf(year, month, 1) * CivilTime.MicrosPerDay,
            "quarter" => CivilTime.DaysOf(year, (((month - 1) / 3) * 3) + 1, 1) * CivilTime.MicrosPerDay,
            _ => CivilTime.DaysOf(year, 1, 1) * CivilTime.MicrosPerDay,
        };
    }

    private static SparkFunction Part(string name, Func<long, long> part) =>
        new(name, 1, 1, Signatures.Of(s_int, s_date), (call, values, rows) => VectorMath.Map(values[0], part, rows, call));

    private static SparkFunction TimePart(string name, Func<long, long> part) =>
        new(name, 1, 1, TimeType, (call, values, rows) => VectorMath.Map(values[0], part, rows, call));

    private static SparkFunction Instant(string name, long factor) =>
        new(name, 1, 1, Signatures.Of(PrimitiveType.Timestamp, PrimitiveType.Long), (call, values, rows) => VectorMath.Map<long, long>(values[0], value => checked(value * factor), rows, call));

    private static FunctionCall TimeType(FunctionCall call) => call.Arguments[0].Type!.Kind == DeltaTypeKind.TimestampNtz ? call with { Type = s_int } : Signatures.Of(s_int, PrimitiveType.Timestamp)(call);

    private static FunctionCall TruncType(FunctionCall call)
    {
        Unit(call, 0);
        var local = call.Arguments[1].Type!.Kind == DeltaTypeKind.TimestampNtz;
        var type = local ? PrimitiveType.TimestampNtz : PrimitiveType.Timestamp;
        return Signatures.Of(type, PrimitiveType.String, type)(call);
    }

    private static FunctionCall TruncDateType(FunctionCall call)
    {
        Unit(call, 1);
        return Signatures.Of(s_date, s_date, PrimitiveType.String)(call);
    }

    private static FunctionCall FormatType(FunctionCall call)
    {
        if (call.Arguments[1] is not Literal { Value: string pattern } || DateFormats.Fault(pattern) is not null)
            throw Signatures.Fault(call, $"a pattern as a text of {DateFormats.Known} and punctuation");
        return call.Arguments[0].Type!.Kind == DeltaTypeKind.TimestampNtz ? call with { Type = PrimitiveType.String } : Signatures.Of(PrimitiveType.String, PrimitiveType.Timestamp, PrimitiveType.String)(call);
    }

    private static long LastDay(long days)
    {
        var (year, month, _) = CivilTime.CivilOf(days);
        return CivilTime.DaysOf(year, month, CivilTime.DaysInMonth(year, month));
    }

    private static Vector<long> MakeDate(FunctionCall call, IReadOnlyList<Vector> values, Rows rows)
    {
        var parts = values.Select(value => (Vector<long>)value).ToArray();
        return VectorMath.Run(rows, call, values.All(value => value.IsConstant), row => values.Any(value => value.IsNull(row)), row =>
        {
            var (year, month, day) = (parts[0][row], parts[1][row], parts[2][row]);
            return year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= CivilTime.DaysInMonth(year, (int)month)
                ? CivilTime.DaysOf(year, (int)month, (int)day)
                : throw new FormatException($"{year}-{month}-{day} is no date");
        });
    }

    private static long Mod(long value, long divisor) => value - (CivilTime.FloorDiv(value, divisor) * divisor);
}
