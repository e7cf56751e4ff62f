using System.Globalization;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <content>Types and intervals.</content>
internal sealed partial class Parser
{
    private static readonly Dictionary<string, DeltaType> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["boolean"] = PrimitiveType.Boolean,
        ["tinyint"] = PrimitiveType.Byte,
        ["byte"] = PrimitiveType.Byte,
        ["smallint"] = PrimitiveType.Short,
        ["short"] = PrimitiveType.Short,
        ["int"] = PrimitiveType.Integer,
        ["integer"] = PrimitiveType.Integer,
        ["bigint"] = PrimitiveType.Long,
        ["long"] = PrimitiveType.Long,
        ["float"] = PrimitiveType.Float,
        ["real"] = PrimitiveType.Float,
        ["double"] = PrimitiveType.Double,
        ["string"] = PrimitiveType.String,
        ["binary"] = PrimitiveType.Binary,
        ["date"] = PrimitiveType.Date,
        ["timestamp"] = PrimitiveType.Timestamp,
        ["timestamp_ltz"] = PrimitiveType.Timestamp,
        ["timestamp_ntz"] = PrimitiveType.TimestampNtz,
        ["void"] = PrimitiveType.Void,
    };

    /// <summary>Months, days and microseconds of one unit.</summary>
    private static readonly Dictionary<string, (int Months, int Days, long Micros)> s_units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["year"] = (12, 0, 0),
        ["quarter"] = (3, 0, 0),
        ["month"] = (1, 0, 0),
        ["week"] = (0, 7, 0),
        ["day"] = (0, 1, 0),
        ["hour"] = (0, 0, 3_600_000_000),
        ["minute"] = (0, 0, 60_000_000),
        ["second"] = (0, 0, 1_000_000),
        ["millisecond"] = (0, 0, 1_000),
        ["microsecond"] = (0, 0, 1),
    };

    private DeltaType ParseType()
    {
        var token = Take();
        if (token.Kind != TokenKind.Word)
            throw Fault(token, "a type");
        if (s_types.TryGetValue(token.Text, out var type))
            return type;
        switch (token.Text.ToLowerInvariant())
        {
            case "decimal" or "dec" or "numeric":
                return ParseDecimalType(token);
            case "varchar" or "char" or "character":
                ExpectSymbol("(");
                TakeInteger();
                ExpectSymbol(")");
                return PrimitiveType.String;
            case "array":
                ExpectSymbol("<");
                var element = ParseType();
                CloseAngle();
                return new ArrayType(element, true);
            case "map":
                ExpectSymbol("<");
                var key = ParseType();
                ExpectSymbol(",");
                var value = ParseType();
                CloseAngle();
                return new MapType(key, value, true);
            case "struct":
                return ParseStructType();
            default:
                throw Fault(token, $"a type: {string.Join(", ", s_types.Keys)}, decimal(p,s), array<…>, map<…> or struct<…>");
        }
    }

    private DecimalType ParseDecimalType(Token token)
    {
        if (!TrySymbol("("))
            return new DecimalType(10, 0);
        var precision = TakeInteger();
        var scale = TrySymbol(",") ? TakeInteger() : 0;
        ExpectSymbol(")");
        return precision is >= 1 and <= 38 && scale <= precision ? new DecimalType(precision, scale) : throw Fault(token, "a precision of 1 to 38 and a scale of at most that");
    }

    private StructType ParseStructType()
    {
        ExpectSymbol("<");
        List<SchemaField> fields = [];
        do
        {
            var name = TakeName();
            TrySymbol(":");
            var type = ParseType();
            var nullable = true;
            if (TryWord("not"))
            {
                Expect("null");
                nullable = false;
            }

            fields.Add(new SchemaField(name, type, nullable));
        }
        while (TrySymbol(","));
        CloseAngle();
        return new StructType(fields);
    }

    /// <summary>Takes one <c>&gt;</c>; two of them are never one token here, but <c>&gt;=</c> could be.</summary>
    private void CloseAngle() => ExpectSymbol(">");

    private int TakeInteger()
    {
        var token = Take();
        return token.Kind == TokenKind.Number && int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Fault(token, "a whole number");
    }

    private bool IsInterval() => Current.IsWord("interval") && (Next.Kind is TokenKind.Number or TokenKind.Text || Next.IsSymbol("-"));

    /// <summary><c>INTERVAL 1 DAY</c>, <c>INTERVAL '2' HOURS 30 MINUTES</c>, <c>INTERVAL '1 day 2 hours'</c>.</summary>
    private IntervalShift ParseInterval(DeltaExpression operand, Token sign)
    {
        _at++;
        long months = 0, days = 0, micros = 0;
        var token = Current;
        if (token.Kind == TokenKind.Text && token.Text.Any(char.IsLetter))
        {
            _at++;
            var parts = token.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length % 2 != 0)
                throw Fault(token, "pairs of a number and a unit, such as '1 day'");
            for (var i = 0; i < parts.Length; i += 2)
                Add(parts[i], parts[i + 1], token);
        }
        else
        {
            while (Current.Kind is TokenKind.Number or TokenKind.Text || Current.IsSymbol("-"))
            {
                var number = (TrySymbol("-") ? "-" : "") + Take().Text;
                Add(number, Current.Text, Current);
                _at++;
            }
        }

        if (sign.Text == "-")
            (months, days, micros) = (-months, -days, -micros);
        return new IntervalShift(operand, checked((int)months), checked((int)days), micros) { Position = sign.Position };

        void Add(string number, string unit, Token at)
        {
            if (!s_units.TryGetValue(Singular(unit), out var one))
                throw Fault(at, $"a unit: {string.Join(", ", s_units.Keys)}");
            if (!decimal.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || Math.Abs(count) * Math.Max(1, one.Micros) > long.MaxValue || (count != Math.Floor(count) && one.Micros != 1_000_000))
                throw Fault(at, "a whole number before the unit, within the range of the unit");
            months += (long)(count * one.Months);
            days += (long)(count * one.Days);
            micros += (long)(count * one.Micros);
            if (Math.Abs(months) > int.MaxValue || Math.Abs(days) > int.MaxValue)
                throw Fault(at, "an interval of less than 2,147,483,648 months or days");
        }
    }

    private static string Singular(string unit) => unit.EndsWith('s') || unit.EndsWith('S') ? unit[..^1] : unit;
}
