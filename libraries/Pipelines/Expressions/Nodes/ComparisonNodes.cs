using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal interface IComparison
{
    static abstract bool Test<TKind, T>(T left, T right)
        where TKind : struct, IKind<T>;
}

internal readonly struct EqualTo : IComparison
{
    public static bool Test<TKind, T>(T left, T right)
        where TKind : struct, IKind<T> => TKind.AreEqual(left, right);
}

internal readonly struct NotEqualTo : IComparison
{
    public static bool Test<TKind, T>(T left, T right)
        where TKind : struct, IKind<T> => !TKind.AreEqual(left, right);
}

internal readonly struct LessThan : IComparison
{
    public static bool Test<TKind, T>(T left, T right)
        where TKind : struct, IKind<T> => TKind.Compare(left, right) < 0;
}

internal readonly struct AtMost : IComparison
{
    public static bool Test<TKind, T>(T left, T right)
        where TKind : struct, IKind<T> => TKind.Compare(left, right) <= 0;
}

internal readonly struct GreaterThan : IComparison
{
    public static bool Test<TKind, T>(T left, T right)
        where TKind : struct, IKind<T> => TKind.Compare(left, right) > 0;
}

internal readonly struct AtLeast : IComparison
{
    public static bool Test<TKind, T>(T left, T right)
        where TKind : struct, IKind<T> => TKind.Compare(left, right) >= 0;
}

internal sealed class ComparisonNode<TKind, T, TComparison>(Node left, Node right) : BooleanNode
    where TKind : struct, IKind<T>
    where TComparison : struct, IComparison
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        if (TKind.TryGet(left, batch, row, out var a) && TKind.TryGet(right, batch, row, out var b))
        {
            value = TComparison.Test<TKind, T>(a, b);
            return true;
        }

        value = false;
        return false;
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        using var a = new Vector<T>(values.Length);
        using var b = new Vector<T>(values.Length);
        TKind.Fill(left, batch, a.Values, a.Nulls);
        TKind.Fill(right, batch, b.Values, b.Nulls);
        Span<T> x = a.Values, y = b.Values;
        Span<bool> unknown = a.Nulls, alsoUnknown = b.Nulls;
        for (var row = 0; row < values.Length; row++)
        {
            nulls[row] = unknown[row] | alsoUnknown[row];
            values[row] = !nulls[row] && TComparison.Test<TKind, T>(x[row], y[row]);
        }
    }
}

/// <summary>Membership of a set of literals. A NULL among them makes "not found" unknown.</summary>
internal sealed class InSetNode<TKind, T>(Node operand, IReadOnlySet<T> items, bool hasNull) : BooleanNode
    where TKind : struct, IKind<T>
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = false;
        if (!TKind.TryGet(operand, batch, row, out var found))
            return false;
        value = items.Contains(found);
        return value || !hasNull;
    }
}

internal static class Comparisons
{
    /// <summary>A comparison of two nodes of one kind.</summary>
    public static BooleanNode Create(string symbol, Node left, Node right) => NodeTypes.KindOf(left, right) switch
    {
        NodeKind.Boolean => Create<BooleanKind, bool>(symbol, left, right),
        NodeKind.Long => Create<LongKind, long>(symbol, left, right),
        NodeKind.Double => Create<DoubleKind, double>(symbol, left, right),
        _ => Create<TextKind, string>(symbol, left, right),
    };

    private static BooleanNode Create<TKind, T>(string symbol, Node left, Node right)
        where TKind : struct, IKind<T> => symbol switch
        {
            "=" => new ComparisonNode<TKind, T, EqualTo>(left, right),
            "<>" => new ComparisonNode<TKind, T, NotEqualTo>(left, right),
            "<" => new ComparisonNode<TKind, T, LessThan>(left, right),
            "<=" => new ComparisonNode<TKind, T, AtMost>(left, right),
            ">" => new ComparisonNode<TKind, T, GreaterThan>(left, right),
            _ => new ComparisonNode<TKind, T, AtLeast>(left, right),
        };
}
