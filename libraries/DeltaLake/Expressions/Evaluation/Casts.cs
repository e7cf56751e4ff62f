using System.Globalization;
using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Values of one type as values of another, as Spark casts them in ANSI mode.</summary>
internal static class Casts
{
    private static readonly string[] s_true = ["t", "true", "y", "yes", "1"];
    private static readonly string[] s_false = ["f", "false", "n", "no", "0"];

    public static Vector Convert(Cast cast, Vector operand, Rows rows)
    {
        var from = cast.Operand.Type!;
        if (from == cast.Target)
            return operand;
        if (TypeRules.IsVoid(from))
            return ColumnVectors.Nothing(cast.Target, rows.Count);
        if (Converter(from, cast.Target) is not { } convert)
            throw new ExpressionException(cast.Position, $"found a cast from {from} to {cast.Target}; expected one that rows can be evaluated with");
        return cast.Target.Kind switch
        {
            DeltaTypeKind.Boolean => Run<bool>(cast, operand, rows, convert),
            DeltaTypeKind.Float or DeltaTypeKind.Double => Run<double>(cast, operand, rows, convert),
            DeltaTypeKind.Decimal => Run<decimal>(cast, operand, rows, convert),
            DeltaTypeKind.String => Run<string>(cast, operand, rows, convert),
            DeltaTypeKind.Binary => Run<byte[]>(cast, operand, rows, convert),
            _ => Run<long>(cast, operand, rows, convert),
        };
    }

    /// <summary>The value rounded to the scale; throws where it has too many digits before the point.</summary>
    public static decimal Fit(decimal value, DecimalType type)
    {
        value = type.Scale < 28 ? Math.Round(value, type.Scale, MidpointRounding.AwayFromZero) : value;
        if (type.Precision - type.Scale <= 28 && Math.Abs(value) >= Power(type.Precision - type.Scale))
            throw new OverflowException($"{value} does not fit {type}");
        return value;
    }

    private static decimal Power(int digits) => Enumerable.Repeat(10m, digits).Aggregate(1m, (product, ten) => product * ten);

    private static Vector<T> Run<T>(Cast cast, Vector operand, Rows rows, Func<object, object> convert)
    {
        if (!cast.Try)
            return VectorMath.Run(rows, cast, operand.IsConstant, operand.IsNull, row => (T)convert(operand.GetValue(row)!));
        var values = new T[Math.Max(1, rows.Count)];
        var nulls = new bool[values.Length];
        for (var row = 0; row < rows.Count; row++)
        {
            try
            {
                nulls[row] = operand.IsNull(row);
                values[row] = nulls[row] ? default! : (T)convert(operand.GetValue(row)!);
            }
            catch (Exception exception) when (exception is OverflowException or FormatException)
            {
                nulls[row] = true;
            }
        }

        return new Vector<T>(values, nulls, rows.Count);
    }

    private static Func<object, object>? Converter(DeltaType from, DeltaType to)
    {
        switch (to.Kind)
        {
            case DeltaTypeKind.String:
                return ToText(from);
            case DeltaTypeKind.Binary when from.Kind == DeltaTypeKind.String:
                return value => Encoding.UTF8.GetBytes((string)value);
            case DeltaTypeKind.Boolean:
                return ToBoolean(from);
            case DeltaTypeKind.Date:
                return from.Kind == DeltaTypeKind.String
                    ? value => CivilTime.TryParseDate((string)value, out var days) ? days : throw NoCast(value, to)
                    : TypeRules.IsTime(from) ? value => CivilTime.FloorDiv((long)value, CivilTime.MicrosPerDay) : null;
            case DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz:
                return ToTimestamp(from, to);
            case DeltaTypeKind.Decimal:
                return ToDecimal(from, (DecimalType)to);
            case DeltaTypeKind.Float or DeltaTypeKind.Double:
                return ToReal(from, to);
            default:
                return TypeRules.IsIntegral(to) ? ToInteger(from, to) : null;
        }
    }

    private static Func<object, object>? ToText(DeltaType from) => from.Kind switch
    {
        DeltaTypeKind.Boolean => value => (bool)value ? "true" : "false",
        DeltaTypeKind.Date => value => CivilTime.FormatDate((long)value),
        DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz => value => CivilTime.FormatTimestamp((long)value),
        DeltaTypeKind.Decimal => value => Fit((decimal)value, (DecimalType)from).ToString(string.Create(CultureInfo.InvariantCulture, $"F{((DecimalType)from).Scale}"), CultureInfo.InvariantCulture),
        DeltaTypeKind.Binary => value => Encoding.UTF8.GetString((byte[])value),
        _ when TypeRules.IsIntegral(from) => value => ((long)value).ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static Func<object, object>? ToBoolean(DeltaType from) => from.Kind switch
    {
        DeltaTypeKind.String => value => ((string)value).Trim().ToLowerInvariant() is var text && s_true.Contains(text) ? true : s_false.Contains(text) ? false : throw NoCast(value, PrimitiveType.Boolean),
        DeltaTypeKind.Float or DeltaTypeKind.Double => value => (double)value != 0,
        DeltaTypeKind.Decimal => value => (decimal)value != 0,
        _ when TypeRules.IsIntegral(from) => value => (long)value != 0,
        _ => null,
    };

    private static Func<object, object>? ToTimestamp(DeltaType from, DeltaType to) => from.Kind switch
    {
        DeltaTypeKind.String => value => CivilTime.TryParseTimestamp((string)value, out var micros, out _) ? micros : throw NoCast(value, to),
        DeltaTypeKind.Date => value => checked((long)value * CivilTime.MicrosPerDay),
        DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz => value => value,
        DeltaTypeKind.Float or DeltaTypeKind.Double when to.Kind == DeltaTypeKind.Timestamp => value => checked((long)((double)value * 1_000_000)),
        _ when TypeRules.IsIntegral(from) && to.Kind == DeltaTypeKind.Timestamp => value => checked((long)value * 1_000_000),
        _ => null,
    };

    private static Func<object, object>? ToDecimal(DeltaType from, DecimalType to) => from.Kind switch
    {
        DeltaTypeKind.Boolean => value => Fit((bool)value ? 1m : 0m, to),
        DeltaTypeKind.Decimal => value => Fit((decimal)value, to),
        // Through the shortest text, as Spark does: 0.1 becomes 0.1.
        DeltaTypeKind.Float or DeltaTypeKind.Double => value => Fit(Exact(((double)value).ToString("R", CultureInfo.InvariantCulture), to), to),
        DeltaTypeKind.String => value => Fit(Exact(((string)value).Trim(), to), to),
        _ when TypeRules.IsIntegral(from) => value => Fit((long)value, to),
        _ => null,
    };

    private static Func<object, object>? ToReal(DeltaType from, DeltaType to)
    {
        var single = to.Kind == DeltaTypeKind.Float;
        double Round(double value) => single ? (float)value : value;
        return from.Kind switch
        {
            DeltaTypeKind.Boolean => value => (bool)value ? 1d : 0d,
            DeltaTypeKind.Float or DeltaTypeKind.Double => value => Round((double)value),
            DeltaTypeKind.Decimal => value => Round((double)(decimal)value),
            DeltaTypeKind.Timestamp => value => Round((long)value / 1e6),
            DeltaTypeKind.String => value => Round(ParseReal((string)value, to)),
            _ when TypeRules.IsIntegral(from) => value => Round((long)value),
            _ => null,
        };
    }

    private static Func<object, object>? ToInteger(DeltaType from, DeltaType to) => from.Kind switch
    {
        DeltaTypeKind.Boolean => value => (bool)value ? 1L : 0L,
        DeltaTypeKind.Float or DeltaTypeKind.Double => value => Math.Truncate((double)value) is >= -9.2233720368547758E18 and < 9.2233720368547758E18 and var whole ? Arithmetics.Fit((long)whole, to) : throw NoCast(value, to),
        DeltaTypeKind.Decimal => value => Arithmetics.Fit(decimal.ToInt64(decimal.Truncate((decimal)value)), to),
        DeltaTypeKind.Timestamp => value => Arithmetics.Fit(CivilTime.FloorDiv((long)value, 1_000_000), to),
        DeltaTypeKind.String => value => long.TryParse(((string)value).Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Arithmetics.Fit(number, to) : throw NoCast(value, to),
        _ when TypeRules.IsIntegral(from) => value => Arithmetics.Fit((long)value, to),
        _ => null,
    };

    private static double ParseReal(string text, DeltaType to) => text.Trim() switch
    {
        var word when word.Equals("nan", StringComparison.OrdinalIgnoreCase) => double.NaN,
        var word when word.TrimStart('+').ToLowerInvariant() is "infinity" or "inf" => double.PositiveInfinity,
        var word when word.ToLowerInvariant() is "-infinity" or "-inf" => double.NegativeInfinity,
        var word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw NoCast(text, to),
    };

    private static decimal Exact(string text, DecimalType to) =>
        ExactDecimal.TryParse(text, out var exact) && exact.WithScale(Math.Min(exact.Scale, to.Scale)).ToDecimal() is { } value ? value : throw NoCast(text, to);

    private static FormatException NoCast(object value, DeltaType to) => new($"'{value}' is no {to}");
}
