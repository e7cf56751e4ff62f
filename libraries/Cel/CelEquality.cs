using System.Text.Json;

namespace RealTimeMesh.Cel;

/// <summary>Equality and order. Values of different types are unequal, save numbers, which compare as numbers.</summary>
internal static class CelEquality
{
    public static bool AreEqual(in CelValue left, in CelValue right)
    {
        if (left.IsNumber && right.IsNumber)
            return CompareNumbers(left, right) == 0;
        if (left.Kind != right.Kind)
            return false;
        return left.Kind switch
        {
            CelKind.Null => true,
            CelKind.String => left.TextEquals(right),
            CelKind.Type => left.AsString == right.AsString,
            CelKind.Bytes => left.AsBytes.AsSpan().SequenceEqual(right.AsBytes),
            CelKind.List => ListsAreEqual(left, right),
            CelKind.Map => MapsAreEqual(left, right),
            CelKind.Timestamp => left.AsInt == right.AsInt && left.Nanos == right.Nanos,
            _ => left.AsInt == right.AsInt,
        };
    }

    /// <summary>Less, equal or greater; null where the values have no order.</summary>
    public static int? Compare(in CelValue left, in CelValue right)
    {
        if (left.IsNumber && right.IsNumber)
            return CompareNumbers(left, right);
        if (left.Kind != right.Kind)
            return null;
        return left.Kind switch
        {
            CelKind.Bool or CelKind.Duration => left.AsInt.CompareTo(right.AsInt),
            CelKind.String => CompareTexts(left.AsString, right.AsString),
            CelKind.Bytes => left.AsBytes.AsSpan().SequenceCompareTo(right.AsBytes),
            CelKind.Timestamp => left.AsInt != right.AsInt ? left.AsInt.CompareTo(right.AsInt) : left.Nanos.CompareTo(right.Nanos),
            _ => null,
        };
    }

    /// <summary>Null where one is not a number.</summary>
    public static int? CompareNumbers(in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => left.AsInt.CompareTo(right.AsInt),
        (CelKind.Uint, CelKind.Uint) => left.AsUint.CompareTo(right.AsUint),
        (CelKind.Int, CelKind.Uint) => left.AsInt < 0 ? -1 : ((ulong)left.AsInt).CompareTo(right.AsUint),
        (CelKind.Uint, CelKind.Int) => -CompareNumbers(right, left),
        (CelKind.Double, CelKind.Double) => CompareDoubles(left.AsDouble, right.AsDouble),
        (CelKind.Double, CelKind.Int) => CompareDoubleWithInt(left.AsDouble, right.AsInt),
        (CelKind.Double, CelKind.Uint) => CompareDoubleWithUint(left.AsDouble, right.AsUint),
        _ => -CompareNumbers(right, left),
    };

    /// <summary>By code points, which differs from UTF-16's order where there are surrogates.</summary>
    private static int CompareTexts(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length.CompareTo(right.Length);
        var (a, b) = (left[common], right[common]);
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
    }

    private static int? CompareDoubles(double left, double right) => double.IsNaN(left) || double.IsNaN(right) ? null : left.CompareTo(right);

    private static int? CompareDoubleWithInt(double left, long right) => left switch
    {
        < long.MinValue => -1,
        > 9223372036854775808.0 => 1,
        _ => CompareDoubles(left, right),
    };

    private static int? CompareDoubleWithUint(double left, ulong right) => left switch
    {
        < 0 => -1,
        > 18446744073709551616.0 => 1,
        _ => CompareDoubles(left, right),
    };

    private static bool ListsAreEqual(in CelValue left, in CelValue right)
    {
        var count = CelCollections.Count(left);
        if (count != CelCollections.Count(right))
            return false;
        var others = CelCollections.Enumerate(right);
        foreach (var item in CelCollections.Enumerate(left))
        {
            if (!others.MoveNext() || !AreEqual(item, others.Current))
                return false;
        }

        return true;
    }

    private static bool MapsAreEqual(in CelValue left, in CelValue right)
    {
        if (CelCollections.Count(left) != CelCollections.Count(right))
            return false;
        if (left.Entries is { } entries)
        {
            foreach (var (key, value) in entries)
            {
                if (CelCollections.Find(right, key) is not { } other || !AreEqual(value, other))
                    return false;
            }

            return true;
        }

        foreach (var property in left.Json.EnumerateObject())
        {
            if (CelCollections.Find(right, CelValue.String(property.Name)) is not { } other || !AreEqual(CelValue.Of(property.Value), other))
                return false;
        }

        return true;
    }
}
