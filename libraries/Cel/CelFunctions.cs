using System.Text;

namespace RealTimeMesh.Cel;

internal delegate CelValue CelUnary(in CelValue value);

internal delegate CelValue CelBinary(in CelValue left, in CelValue right);

/// <summary>The standard functions. None is called with an error.</summary>
internal static class CelFunctions
{
    private static readonly string[] TimeParts =
        ["getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes", "getSeconds", "getMilliseconds"];

    /// <summary>By name; methods are preceded by a dot.</summary>
    public static IReadOnlyDictionary<string, CelUnary> Unary { get; } = UnaryFunctions();

    public static IReadOnlyDictionary<string, CelBinary> Binary { get; } = BinaryFunctions();

    private static Dictionary<string, CelUnary> UnaryFunctions()
    {
        var functions = new Dictionary<string, CelUnary>(StringComparer.Ordinal)
        {
            ["!_"] = static (in CelValue value) => value.Kind == CelKind.Bool ? CelValue.Bool(!value.IsTrue) : CelErrors.NoOverload,
            ["-_"] = CelArithmetic.Negate,
            ["size"] = Size,
            [".size"] = Size,
            ["dyn"] = static (in CelValue value) => value,
            ["type"] = CelConversions.TypeOf,
            ["int"] = CelConversions.ToInt,
            ["uint"] = CelConversions.ToUint,
            ["double"] = CelConversions.ToDouble,
            ["string"] = CelConversions.ToText,
            ["bytes"] = CelConversions.ToBytes,
            ["bool"] = CelConversions.ToBool,
            ["timestamp"] = CelConversions.ToTimestamp,
            ["duration"] = CelConversions.ToDuration,
        };
        foreach (var part in TimeParts)
        {
            functions["." + part] = (in CelValue value) => value.Kind switch
            {
                CelKind.Timestamp => CelTime.Part(value, part, zone: null),
                CelKind.Duration when part is "getHours" or "getMinutes" or "getSeconds" or "getMilliseconds" => CelTime.Part(value.AsInt, part),
                _ => CelErrors.NoOverload,
            };
        }

        return functions;
    }

    private static Dictionary<string, CelBinary> BinaryFunctions()
    {
        var functions = new Dictionary<string, CelBinary>(StringComparer.Ordinal)
        {
            ["_+_"] = CelArithmetic.Add,
            ["_-_"] = CelArithmetic.Subtract,
            ["_*_"] = CelArithmetic.Multiply,
            ["_/_"] = CelArithmetic.Divide,
            ["_%_"] = CelArithmetic.Remainder,
            ["_==_"] = static (in CelValue left, in CelValue right) => CelValue.Bool(CelEquality.AreEqual(left, right)),
            ["_!=_"] = static (in CelValue left, in CelValue right) => CelValue.Bool(!CelEquality.AreEqual(left, right)),
            ["_<_"] = static (in CelValue left, in CelValue right) => Order(left, right, static order => order < 0),
            ["_<=_"] = static (in CelValue left, in CelValue right) => Order(left, right, static order => order <= 0),
            ["_>_"] = static (in CelValue left, in CelValue right) => Order(left, right, static order => order > 0),
            ["_>=_"] = static (in CelValue left, in CelValue right) => Order(left, right, static order => order >= 0),
            ["_[_]"] = CelCollections.Index,
            ["@in"] = static (in CelValue item, in CelValue collection) =>
                collection.Kind is CelKind.List or CelKind.Map ? CelValue.Bool(CelCollections.Contains(collection, item)) : CelErrors.NoOverload,
            [".contains"] = static (in CelValue text, in CelValue part) => Texts(text, part, static (a, b) => a.Contains(b, StringComparison.Ordinal)),
            [".startsWith"] = static (in CelValue text, in CelValue part) => Texts(text, part, static (a, b) => a.StartsWith(b, StringComparison.Ordinal)),
            [".endsWith"] = static (in CelValue text, in CelValue part) => Texts(text, part, static (a, b) => a.EndsWith(b, StringComparison.Ordinal)),
            ["matches"] = Matches,
            [".matches"] = Matches,
        };
        foreach (var part in TimeParts)
        {
            functions["." + part] = (in CelValue value, in CelValue zone) =>
                value.Kind == CelKind.Timestamp && zone.Kind == CelKind.String ? CelTime.Part(value, part, zone.AsString) : CelErrors.NoOverload;
        }

        return functions;
    }

    private static CelValue Size(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.String:
                var count = 0;
                foreach (var _ in value.AsString.EnumerateRunes())
                    count++;
                return CelValue.Int(count);
            case CelKind.Bytes:
                return CelValue.Int(value.AsBytes.Length);
            case CelKind.List or CelKind.Map:
                return CelValue.Int(CelCollections.Count(value));
            default:
                return CelErrors.NoOverload;
        }
    }

    private static CelValue Order(in CelValue left, in CelValue right, Func<int, bool> test)
    {
        if (CelEquality.Compare(left, right) is { } order)
            return CelValue.Bool(test(order));
        return left.IsNumber && right.IsNumber ? CelValue.Error("NaN values cannot be ordered") : CelErrors.NoOverload;
    }

    private static CelValue Texts(in CelValue left, in CelValue right, Func<string, string, bool> test) =>
        left.Kind == CelKind.String && right.Kind == CelKind.String ? CelValue.Bool(test(left.AsString, right.AsString)) : CelErrors.NoOverload;

    private static CelValue Matches(in CelValue text, in CelValue pattern)
    {
        if (text.Kind != CelKind.String || pattern.Kind != CelKind.String)
            return CelErrors.NoOverload;
        return Re2Pattern.TryCompile(pattern.AsString, out var fault) is { } regex ? CelValue.Bool(regex.IsMatch(text.AsString)) : CelValue.Error(fault);
    }
}
