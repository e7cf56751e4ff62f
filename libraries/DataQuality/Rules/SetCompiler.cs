using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>Compiles value sets, written out or named as a column of a reference table.</summary>
internal static class SetCompiler
{
    private const int ShownValues = 10;

    public static ColumnRule? Compile(RuleArguments a, bool expectIn)
    {
        a.Allow("column", "value_set");
        var ordinal = a.Column("column");
        if (!a.TryGet("value_set", out var set))
        {
            a.Fault("value_set", "no set", "a list of values, or {\"$PARAMETER\": \"reference.column\"}", "Add 'value_set'.");
            return null;
        }

        if (ordinal < 0)
            return null;
        var field = a.Schema.Fields[ordinal];
        if (set.ValueKind == JsonValueKind.Object)
            return FromReference(a, set, ordinal, field, expectIn);
        if (set.ValueKind == JsonValueKind.Array && set.GetArrayLength() > 0)
            return FromList(a, set, ordinal, field, expectIn);
        a.Fault("value_set", set.GetRawText(), "a list of at least one value", "Write the values.");
        return null;
    }

    private static ColumnRule? FromReference(RuleArguments a, JsonElement set, int ordinal, Field field, bool expectIn)
    {
        var name = set.TryGetProperty("$PARAMETER", out var parameter) && parameter.ValueKind == JsonValueKind.String ? parameter.GetString()! : "";
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var values = dot > 0 ? a.References.Find(name[..dot], name[(dot + 1)..]) : null;
        if (values is null)
        {
            a.Fault("value_set", set.GetRawText(), "{\"$PARAMETER\": \"reference.column\"} of a declared reference table", "Declare the reference, or correct the name.");
            return null;
        }

        var elements = JsonSerializer.SerializeToElement(values);
        var expected = $"{(expectIn ? "" : "none of ")}the {values.Count} values of {name}";
        return Create(a, elements, ordinal, field, expectIn, expected, textCells: true);
    }

    private static ColumnRule? FromList(RuleArguments a, JsonElement set, int ordinal, Field field, bool expectIn)
    {
        var shown = string.Join(", ", set.EnumerateArray().Take(ShownValues).Select(v => v.GetRawText()));
        var more = set.GetArrayLength() > ShownValues ? $", … ({set.GetArrayLength()} values)" : "";
        return Create(a, set, ordinal, field, expectIn, $"{(expectIn ? "one of" : "none of")} {shown}{more}", textCells: false);
    }

    private static ColumnRule? Create(RuleArguments a, JsonElement set, int ordinal, Field field, bool expectIn, string expected, bool textCells)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<decimal>();
        var doubles = new HashSet<double>();
        var booleans = new HashSet<bool>();
        foreach (var value in set.EnumerateArray())
        {
            var taken = field.Type switch
            {
                FieldType.String => value.ValueKind == JsonValueKind.String && (texts.Add(value.GetString()!) || true),
                FieldType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False && (booleans.Add(value.GetBoolean()) || true),
                FieldType.Float32 or FieldType.Float64 => TryDouble(value, textCells, out var d) && (doubles.Add(field.Type == FieldType.Float32 ? (float)d : d) || true),
                FieldType.Bytes => false,
                _ => TryNumber(value, field.Type, textCells, out var n) && (numbers.Add(n) || true),
            };
            if (!taken)
                a.Fault("value_set", value.GetRawText(), $"{TypedValue.Expected(field.Type)}, as '{field.Name}' is {field.Type}", "Correct the value.");
        }

        if (a.IsFaulty)
            return null;
        var (type, severity) = (a.Definition.Type, a.Definition.Severity);
        return field.Type switch
        {
            FieldType.String => new TextSetRule(ordinal, texts.ToFrozenSet(StringComparer.Ordinal), expectIn) { Type = type, Column = field.Name, Severity = severity, Expected = expected },
            FieldType.Boolean => new BooleanSetRule(ordinal, booleans.Contains(true), booleans.Contains(false), expectIn) { Type = type, Column = field.Name, Severity = severity, Expected = expected },
            FieldType.Float32 or FieldType.Float64 => new DoubleSetRule(ordinal, doubles.ToFrozenSet(), expectIn) { Type = type, Column = field.Name, Severity = severity, Expected = expected },
            FieldType.Decimal => new DecimalSetRule(ordinal, numbers.ToFrozenSet(), expectIn) { Type = type, Column = field.Name, Severity = severity, Expected = expected },
            // A fraction can equal no whole number.
            _ => new LongSetRule(ordinal, numbers.Where(n => n == decimal.Truncate(n) && n is >= long.MinValue and <= long.MaxValue).Select(n => (long)n).ToFrozenSet(), expectIn) { Type = type, Column = field.Name, Severity = severity, Expected = expected },
        };
    }

    private static bool TryDouble(JsonElement value, bool textCells, out double number)
    {
        number = 0;
        return textCells ? double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out number);
    }

    private static bool TryNumber(JsonElement value, FieldType type, bool textCells, out decimal number)
    {
        if (textCells && type is not (FieldType.Date or FieldType.Timestamp))
            return decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        return TypedValue.TryDecimal(value, type, out number);
    }
}
