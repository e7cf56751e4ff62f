using RealTimeMesh.Contracts;
using static RealTimeMesh.Pipelines.TimeText;

namespace RealTimeMesh.Pipelines;

/// <summary>Parts and truncation of dates and timestamps, in UTC.</summary>
internal static class TimeFunctions
{
    private static readonly string[] Units = ["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"];

    public static Node Part(Binder binder, CallSyntax call)
    {
        var operand = binder.Time(call.Arguments[0], call.Name);
        if (operand is NullNode)
            return new NullNode(FieldType.Int64);
        var isDate = operand.Type == FieldType.Date;
        Map<long, long> map = call.Name switch
        {
            "hour" when isDate => Zero,
            "minute" when isDate => Zero,
            "second" when isDate => Zero,
            "hour" => (long t, out long y) => Cycle(t, MicrosPerHour, 24, out y),
            "minute" => (long t, out long y) => Cycle(t, MicrosPerMinute, 60, out y),
            "second" => (long t, out long y) => Cycle(t, MicrosPerSecond, 60, out y),
            "day" => DatePart(isDate, date => date.Day),
            "month" => DatePart(isDate, date => date.Month),
            "quarter" => DatePart(isDate, date => (date.Month + 2) / 3),
            _ => DatePart(isDate, date => date.Year),
        };
        return new LongMap<LongKind, long>(FieldType.Int64, operand, map);
    }

    /// <summary><c>date_trunc('unit', time)</c>: a date stays a date, a timestamp a timestamp; weeks start on Monday.</summary>
    public static Node Truncate(Binder binder, CallSyntax call)
    {
        if (call.Arguments[0] is not TextSyntax unit || !Units.Contains(unit.Value.ToLowerInvariant()))
            throw new ExpressionException(call.Arguments[0].Position, $"date_trunc takes one of the units '{string.Join("', '", Units)}', written as text");
        var operand = binder.Time(call.Arguments[1], "date_trunc");
        if (operand is NullNode)
            return new NullNode(FieldType.Timestamp);
        var name = unit.Value.ToLowerInvariant();
        if (operand.Type == FieldType.Date)
            return new LongMap<LongKind, long>(FieldType.Date, operand, (long days, out long y) => TruncateDays(name, days, out y));
        var fixedLength = name switch
        {
            "millisecond" => 1_000,
            "second" => MicrosPerSecond,
            "minute" => MicrosPerMinute,
            "hour" => MicrosPerHour,
            "day" => MicrosPerDay,
            _ => 0,
        };
        return fixedLength > 0
            ? new LongMap<LongKind, long>(FieldType.Timestamp, operand, (long t, out long y) =>
            {
                y = t - FloorModulo(t, fixedLength);
                return true;
            })
            : new LongMap<LongKind, long>(FieldType.Timestamp, operand, (long t, out long y) =>
            {
                var known = TruncateDays(name, FloorDivide(t, MicrosPerDay), out var days);
                y = days * MicrosPerDay;
                return known;
            });
    }

    private static bool TruncateDays(string unit, long days, out long truncated)
    {
        truncated = days;
        if (unit == "week")
        {
            // 1970-01-01 was a Thursday, three days after a Monday.
            truncated = days - FloorModulo(days + 3, 7);
            return true;
        }

        if (unit is not ("month" or "quarter" or "year"))
            return true;
        if (!TryToDate(days, out var date))
            return false;
        truncated = FromDate(new DateOnly(date.Year, unit switch { "month" => date.Month, "quarter" => ((date.Month - 1) / 3 * 3) + 1, _ => 1 }, 1));
        return true;
    }

    private static Map<long, long> DatePart(bool isDate, Func<DateOnly, long> part) => (long time, out long y) =>
    {
        var known = TryToDate(isDate ? time : FloorDivide(time, MicrosPerDay), out var date);
        y = known ? part(date) : 0;
        return known;
    };

    private static bool Cycle(long time, long length, long count, out long y)
    {
        y = FloorModulo(time, length * count) / length;
        return true;
    }

    private static bool Zero(long time, out long y)
    {
        y = 0;
        return true;
    }
}
