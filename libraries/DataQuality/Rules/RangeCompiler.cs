using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>Compiles ranges of values and of lengths.</summary>
internal static class RangeCompiler
{
    public static ColumnRule? Between(RuleArguments a)
    {
        var (ordinal, min, max, strictMin, strictMax) = Bounds(a);
        if (ordinal < 0 || a.IsFaulty)
            return null;
        var field = a.Schema.Fields[ordinal];
        var expected = Describe(min?.ToString(), max?.ToString(), strictMin, strictMax);
        switch (field.Type)
        {
            case FieldType.Float32 or FieldType.Float64:
                return Double(a, min, out var from, double.NegativeInfinity, "min_value") & Double(a, max, out var to, double.PositiveInfinity, "max_value")
                    ? new DoubleRangeRule(ordinal, from, to, strictMin && min is not null, strictMax && max is not null) { Type = a.Definition.Type, Column = field.Name, Severity = a.Definition.Severity, Expected = expected }
                    : null;
            case FieldType.String:
                return Text(a, min, out var first, "min_value") & Text(a, max, out var last, "max_value")
                    ? new TextRangeRule(ordinal, first, last, strictMin, strictMax) { Type = a.Definition.Type, Column = field.Name, Severity = a.Definition.Severity, Expected = expected }
                    : null;
            case FieldType.Boolean or FieldType.Bytes:
                a.Fault("column", $"'{field.Name}', which is {field.Type}", "a column of numbers, text, dates or times", "Name another column.");
                return null;
        }

        if (!(Number(a, min, field.Type, out var least, "min_value") & Number(a, max, field.Type, out var most, "max_value")))
            return null;
        if (field.Type == FieldType.Decimal)
            return new DecimalRangeRule(ordinal, least ?? decimal.MinValue, most ?? decimal.MaxValue, strictMin && min is not null, strictMax && max is not null) { Type = a.Definition.Type, Column = field.Name, Severity = a.Definition.Severity, Expected = expected };
        // Whole numbers: an open or broken bound is the next whole number within.
        return new LongRangeRule(ordinal, Least(least, strictMin), Most(most, strictMax)) { Type = a.Definition.Type, Column = field.Name, Severity = a.Definition.Severity, Expected = expected };
    }

    public static LengthRule? Lengths(RuleArguments a)
    {
        var (ordinal, min, max, strictMin, strictMax) = Bounds(a);
        if (!(Number(a, min, FieldType.Int64, out var least, "min_value") & Number(a, max, FieldType.Int64, out var most, "max_value")) || ordinal < 0)
            return null;
        var field = a.Schema.Fields[ordinal];
        if (field.Type == FieldType.String)
        {
            return new LengthRule(ordinal, Math.Clamp(Least(least, strictMin), 0, int.MaxValue), Most(most, strictMax))
            {
                Type = a.Definition.Type,
                Column = field.Name,
                Severity = a.Definition.Severity,
                Expected = "a length of " + Describe(min?.ToString(), max?.ToString(), strictMin, strictMax),
            };
        }

        a.Fault("column", $"'{field.Name}', which is {field.Type}", "a text column", "Lengths are those of text.");
        return null;
    }

    /// <summary>The arguments that every range takes.</summary>
    private static (int Ordinal, JsonElement? Min, JsonElement? Max, bool StrictMin, bool StrictMax) Bounds(RuleArguments a)
    {
        a.Allow("column", "min_value", "max_value", "strict_min", "strict_max");
        var ordinal = a.Column("column");
        var strictMin = a.Flag("strict_min");
        var strictMax = a.Flag("strict_max");
        JsonElement? min = a.TryGet("min_value", out var low) ? low : null;
        JsonElement? max = a.TryGet("max_value", out var high) ? high : null;
        if (min is null && max is null)
            a.Fault("min_value", "no bound", "min_value, max_value or both", "Add a bound.");
        return (ordinal, min, max, strictMin, strictMax);
    }

    private static long Least(decimal? bound, bool strict) =>
        bound is { } b ? ToLong(strict ? decimal.Floor(b) + 1 : decimal.Ceiling(b)) : long.MinValue;

    private static long Most(decimal? bound, bool strict) =>
        bound is { } b ? ToLong(strict ? decimal.Ceiling(b) - 1 : decimal.Floor(b)) : long.MaxValue;

    private static long ToLong(decimal value) => (long)Math.Clamp(value, long.MinValue, long.MaxValue);

    private static bool Double(RuleArguments a, JsonElement? value, out double bound, double otherwise, string argument)
    {
        bound = otherwise;
        if (value is not { } given)
            return true;
        if (given.ValueKind == JsonValueKind.Number && given.TryGetDouble(out bound))
            return true;
        a.Fault(argument, given.GetRawText(), "a number", "Write a number.");
        return false;
    }

    private static bool Text(RuleArguments a, JsonElement? value, out string? bound, string argument)
    {
        bound = value is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        if (value is null || bound is not null)
            return true;
        a.Fault(argument, value.Value.GetRawText(), "text", "The column is text: write the bound in quotes.");
        return false;
    }

    private static bool Number(RuleArguments a, JsonElement? value, FieldType type, out decimal? bound, string argument)
    {
        bound = null;
        if (value is not { } given)
            return true;
        if (TypedValue.TryDecimal(given, type, out var number) && Math.Abs(number) < 1e27m)
        {
            bound = number;
            return true;
        }

        a.Fault(argument, given.GetRawText(), TypedValue.Expected(type), "Write a value of the column's type.");
        return false;
    }

    private static string Describe(string? min, string? max, bool strictMin, bool strictMax)
    {
        var low = min is null ? null : string.Create(CultureInfo.InvariantCulture, $"{(strictMin ? "more than" : "at least")} {min}");
        var high = max is null ? null : string.Create(CultureInfo.InvariantCulture, $"{(strictMax ? "less than" : "at most")} {max}");
        return low is null ? high! : high is null ? low : $"{low} and {high}";
    }
}
