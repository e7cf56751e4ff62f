using System.Globalization;
using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>
/// A constant. The value is null, <see cref="bool"/>, <see cref="long"/> (integers, days of a date, microseconds of a timestamp),
/// <see cref="double"/> (float and double), <see cref="ExactDecimal"/>, <see cref="string"/> or <see cref="byte"/>[].
/// </summary>
public sealed record Literal(object? Value) : DeltaExpression
{
    public static Literal Null { get; } = new((object?)null) { Type = PrimitiveType.Void };

    public static Literal True { get; } = Of(true);

    public static Literal False { get; } = Of(false);

    public bool IsNull => Value is null;

    public static Literal Of(bool value) => new(value) { Type = PrimitiveType.Boolean };

    public static Literal Of(int value) => new((long)value) { Type = PrimitiveType.Integer };

    public static Literal Of(long value) => new(value) { Type = PrimitiveType.Long };

    public static Literal Of(double value) => new(value) { Type = PrimitiveType.Double };

    public static Literal Of(string value) => new(value) { Type = PrimitiveType.String };

    public static Literal Of(byte[] value) => new(value) { Type = PrimitiveType.Binary };

    public static Literal Of(ExactDecimal value) => new(value) { Type = new DecimalType(value.Precision, value.Scale) };

    public static Literal Of(DateOnly value) => new((long)value.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) { Type = PrimitiveType.Date };

    public static Literal Of(DateTimeOffset value) => new((value.UtcTicks - DateTime.UnixEpoch.Ticks) / 10) { Type = PrimitiveType.Timestamp };

    public bool Equals(Literal? other) => other is not null && Type == other.Type
        && (Value is byte[] bytes && other.Value is byte[] others ? bytes.AsSpan().SequenceEqual(others) : Equals(Value, other.Value));

    public override int GetHashCode() => Value is byte[] bytes ? bytes.Length : HashCode.Combine(Type, Value);

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this;

    internal override void Print(StringBuilder text)
    {
        switch (Value)
        {
            case null:
                text.Append(Type is null or { Kind: DeltaTypeKind.Void } ? "NULL" : $"CAST(NULL AS {Cast.NameOf(Type)})");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case long days when Type!.Kind == DeltaTypeKind.Date:
                text.Append("DATE '").Append(CivilTime.FormatDate(days)).Append('\'');
                break;
            case long micros when Type!.Kind == DeltaTypeKind.Timestamp:
                text.Append("TIMESTAMP '").Append(CivilTime.FormatTimestamp(micros)).Append("Z'");
                break;
            case long micros when Type!.Kind == DeltaTypeKind.TimestampNtz:
                text.Append("TIMESTAMP_NTZ '").Append(CivilTime.FormatTimestamp(micros)).Append('\'');
                break;
            case long number:
                // The least integer has no literal of its own: its digits without the sign are one too many.
                text.Append(number is long.MinValue || (number is int.MinValue && Type!.Kind == DeltaTypeKind.Integer)
                    ? $"CAST('{number.ToString(CultureInfo.InvariantCulture)}' AS {Cast.NameOf(Type!)})"
                    : number.ToString(CultureInfo.InvariantCulture) + Suffix());
                break;
            case double number:
                PrintDouble(text, number);
                break;
            case ExactDecimal number:
                text.Append(number).Append("BD");
                break;
            case string value:
                PrintString(text, value);
                break;
            case byte[] bytes:
                text.Append("X'").Append(Convert.ToHexString(bytes)).Append('\'');
                break;
            default:
                throw new InvalidOperationException($"a literal cannot hold {Value.GetType()}");
        }
    }

    private string Suffix() => Type!.Kind switch { DeltaTypeKind.Long => "L", DeltaTypeKind.Short => "S", DeltaTypeKind.Byte => "Y", _ => "" };

    private void PrintDouble(StringBuilder text, double number)
    {
        if (!double.IsFinite(number))
            text.Append(CultureInfo.InvariantCulture, $"CAST('{(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity")}' AS {Cast.NameOf(Type!)})");
        else
            text.Append(number.ToString(Type!.Kind == DeltaTypeKind.Float ? "G9" : "R", CultureInfo.InvariantCulture)).Append(Type.Kind == DeltaTypeKind.Float ? 'F' : 'D');
    }

    private static void PrintString(StringBuilder text, string value)
    {
        text.Append('\'');
        foreach (var c in value)
        {
            text.Append(c switch
            {
                '\'' => "\\'",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\0' => "\\0",
                _ => c.ToString(),
            });
        }

        text.Append('\'');
    }
}
