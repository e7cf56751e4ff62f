using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>The order of values by Delta's and Spark's rules.</summary>
internal static class ValueOrder
{
    public static int Compare(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => Comparisons.Doubles(a, b),
        (ExactDecimal a, ExactDecimal b) => a.CompareTo(b),
        (string a, string b) => StringBounds.Compare(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (byte[] a, byte[] b) => Comparisons.Bytes(a, b),
        _ => throw new InvalidOperationException($"{left.GetType()} and {right.GetType()} have no common order"),
    };
}
