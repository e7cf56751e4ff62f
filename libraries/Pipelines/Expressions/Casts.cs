using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Casts. What cannot be cast in one row is NULL there (SQL's TRY_CAST).</summary>
internal static class Casts
{
    /// <summary>Null where no value of the one type can be cast to the other.</summary>
    public static Node? Create(Node operand, FieldType type)
    {
        if (operand is NullNode)
            return new NullNode(type);
        if (operand.Type == type)
            return operand;
        return (NodeTypes.KindOf(operand.Type), type) switch
        {
            (NodeKind.Bytes, _) => null,
            (NodeKind.Boolean, FieldType.Int32 or FieldType.Int64) => new LongMap<BooleanKind, bool>(type, operand, BooleanToLong),
            (NodeKind.Boolean, FieldType.String) => new TextMap<BooleanKind, bool>(operand, BooleanToText),
            (NodeKind.Long, _) => FromLong(operand, type),
            (NodeKind.Double, _) => FromDouble(operand, type),
            (NodeKind.Text, _) => FromText(operand, type),
            _ => null,
        };
    }

    private static Node? FromLong(Node operand, FieldType type) => (operand.Type, type) switch
    {
        (FieldType.Date, FieldType.Timestamp) => new LongMap<LongKind, long>(type, operand, DateToTimestamp),
        (FieldType.Timestamp, FieldType.Date) => new LongMap<LongKind, long>(type, operand, TimestampToDate),
        (FieldType.Date, FieldType.String) => new TextMap<LongKind, long>(operand, TimeText.TryFormatDate),
        (FieldType.Timestamp, FieldType.String) => new TextMap<LongKind, long>(operand, TimeText.TryFormatTimestamp),
        (FieldType.Date or FieldType.Timestamp, _) => null,
        (_, FieldType.Int64) => new LongMap<LongKind, long>(type, operand, KeepLong),
        (_, FieldType.Int32) => new LongMap<LongKind, long>(type, operand, ToInt32),
        (_, FieldType.Float32) => new DoubleMap<LongKind, long>(type, operand, LongToSingle),
        (_, FieldType.Float64) => new DoubleMap<LongKind, long>(type, operand, LongToDouble),
        (_, FieldType.Boolean) => new BooleanMap<LongKind, long>(operand, LongToBoolean),
        (_, FieldType.String) => new TextMap<LongKind, long>(operand, LongToText),
        _ => null,
    };

    private static Node? FromDouble(Node operand, FieldType type) => type switch
    {
        FieldType.Int32 => new LongMap<DoubleKind, double>(type, operand, DoubleToInt32),
        FieldType.Int64 => new LongMap<DoubleKind, double>(type, operand, DoubleToInt64),
        FieldType.Float32 => new DoubleMap<DoubleKind, double>(type, operand, ToSingle),
        FieldType.Float64 => new DoubleMap<DoubleKind, double>(type, operand, KeepDouble),
        FieldType.Boolean => new BooleanMap<DoubleKind, double>(operand, DoubleToBoolean),
        FieldType.String => new TextMap<DoubleKind, double>(operand, operand.Type == FieldType.Float32 ? SingleToText : DoubleToText),
        _ => null,
    };

    private static Node? FromText(Node operand, FieldType type) => type switch
    {
        FieldType.Boolean => new BooleanMap<TextKind, string>(operand, TextToBoolean),
        FieldType.Int32 => new LongMap<TextKind, string>(type, operand, TextToInt32),
        FieldType.Int64 => new LongMap<TextKind, string>(type, operand, TextToInt64),
        FieldType.Float32 or FieldType.Float64 => new DoubleMap<TextKind, string>(type, operand, TextToDouble),
        FieldType.Date => new LongMap<TextKind, string>(type, operand, (string text, out long days) => TimeText.TryParseDate(text.Trim(), out days)),
        FieldType.Timestamp => new LongMap<TextKind, string>(type, operand, (string text, out long micros) => TimeText.TryParseTimestamp(text.Trim(), out micros)),
        _ => null,
    };

    private static bool BooleanToLong(bool x, out long y)
    {
        y = x ? 1 : 0;
        return true;
    }

    private static bool BooleanToText(bool x, out string y)
    {
        y = x ? "true" : "false";
        return true;
    }

    private static bool DateToTimestamp(long days, out long micros)
    {
        micros = unchecked(days * TimeText.MicrosPerDay);
        return Math.Abs(days) <= long.MaxValue / TimeText.MicrosPerDay;
    }

    private static bool TimestampToDate(long micros, out long days)
    {
        days = TimeText.FloorDivide(micros, TimeText.MicrosPerDay);
        return true;
    }

    private static bool KeepLong(long x, out long y)
    {
        y = x;
        return true;
    }

    private static bool ToInt32(long x, out long y)
    {
        y = x;
        return x is >= int.MinValue and <= int.MaxValue;
    }

    private static bool LongToSingle(long x, out double y)
    {
        y = (float)x;
        return true;
    }

    private static bool LongToDouble(long x, out double y)
    {
        y = x;
        return true;
    }

    private static bool LongToBoolean(long x, out bool y)
    {
        y = x != 0;
        return true;
    }

    private static bool LongToText(long x, out string y)
    {
        y = x.ToString(CultureInfo.InvariantCulture);
        return true;
    }

    private static bool DoubleToInt32(double x, out long y) => DoubleToInt64(x, out y) && y is >= int.MinValue and <= int.MaxValue;

    /// <summary>Half goes to the even neighbour, as in DuckDB (Spark cuts off: use floor or round to be portable).</summary>
    private static bool DoubleToInt64(double x, out long y)
    {
        var rounded = Math.Round(x, MidpointRounding.ToEven);
        var inRange = rounded is >= -9223372036854775808.0 and < 9223372036854775808.0;
        y = inRange ? (long)rounded : 0;
        return inRange;
    }

    private static bool ToSingle(double x, out double y)
    {
        y = (float)x;
        return double.IsFinite(y) || !double.IsFinite(x);
    }

    private static bool KeepDouble(double x, out double y)
    {
        y = x;
        return true;
    }

    private static bool DoubleToBoolean(double x, out bool y)
    {
        y = x != 0;
        return true;
    }

    private static bool DoubleToText(double x, out string y)
    {
        y = WithPoint(x, x.ToString("R", CultureInfo.InvariantCulture));
        return true;
    }

    private static bool SingleToText(double x, out string y)
    {
        y = WithPoint(x, ((float)x).ToString("R", CultureInfo.InvariantCulture));
        return true;
    }

    private static string WithPoint(double x, string text) =>
        double.IsNaN(x) ? "nan"
        : double.IsInfinity(x) ? x > 0 ? "inf" : "-inf"
        : text.Contains('E') ? text.Replace('E', 'e')
        : text.Contains('.') ? text
        : text + ".0";

    private static bool TextToBoolean(string text, out bool y)
    {
        var trimmed = text.AsSpan().Trim();
        y = trimmed.Equals("true", StringComparison.OrdinalIgnoreCase) || trimmed.Equals("t", StringComparison.OrdinalIgnoreCase) || trimmed is "1";
        return y || trimmed.Equals("false", StringComparison.OrdinalIgnoreCase) || trimmed.Equals("f", StringComparison.OrdinalIgnoreCase) || trimmed is "0";
    }

    private static bool TextToInt32(string text, out long y) => TextToInt64(text, out y) && y is >= int.MinValue and <= int.MaxValue;

    private static bool TextToInt64(string text, out long y)
    {
        if (long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out y))
            return true;
        // '2.5' is accepted where an integer is asked; text rounds half away from zero.
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return false;
        var rounded = Math.Round(number, MidpointRounding.AwayFromZero);
        if (rounded is < long.MinValue or > long.MaxValue)
            return false;
        y = (long)rounded;
        return true;
    }

    private static bool TextToDouble(string text, out double y) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out y);
}
