using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>How values of one CLR type are read from a node and ordered; a struct, so that generic nodes are compiled per kind.</summary>
internal interface IKind<T>
{
    static abstract bool TryGet(Node node, ColumnBatch batch, int row, out T value);

    static abstract void Fill(Node node, ColumnBatch batch, Span<T> values, Span<bool> nulls);

    static abstract int Compare(T left, T right);

    static abstract bool AreEqual(T left, T right);
}

internal readonly struct BooleanKind : IKind<bool>
{
    public static bool TryGet(Node node, ColumnBatch batch, int row, out bool value) => node.TryGetBoolean(batch, row, out value);

    public static void Fill(Node node, ColumnBatch batch, Span<bool> values, Span<bool> nulls) => node.FillBoolean(batch, values, nulls);

    public static int Compare(bool left, bool right) => left.CompareTo(right);

    public static bool AreEqual(bool left, bool right) => left == right;
}

internal readonly struct LongKind : IKind<long>
{
    public static bool TryGet(Node node, ColumnBatch batch, int row, out long value) => node.TryGetInt64(batch, row, out value);

    public static void Fill(Node node, ColumnBatch batch, Span<long> values, Span<bool> nulls) => node.FillInt64(batch, values, nulls);

    public static int Compare(long left, long right) => left.CompareTo(right);

    public static bool AreEqual(long left, long right) => left == right;
}

/// <summary>NaN equals itself and is greater than every number, as in DuckDB and PostgreSQL.</summary>
internal readonly struct DoubleKind : IKind<double>
{
    public static bool TryGet(Node node, ColumnBatch batch, int row, out double value) => node.TryGetDouble(batch, row, out value);

    public static void Fill(Node node, ColumnBatch batch, Span<double> values, Span<bool> nulls) => node.FillDouble(batch, values, nulls);

    public static int Compare(double left, double right) =>
        left < right ? -1
        : left > right ? 1
        : left == right ? 0
        : double.IsNaN(left).CompareTo(double.IsNaN(right));

    public static bool AreEqual(double left, double right) => left == right || (double.IsNaN(left) && double.IsNaN(right));
}

/// <summary>Ordered by code point, which is the order of the UTF-8 bytes.</summary>
internal readonly struct TextKind : IKind<string>
{
    public static bool TryGet(Node node, ColumnBatch batch, int row, out string value) => node.TryGetString(batch, row, out value);

    public static void Fill(Node node, ColumnBatch batch, Span<string> values, Span<bool> nulls) => node.FillString(batch, values, nulls);

    public static int Compare(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length.CompareTo(right.Length);
        return Weight(left[common]).CompareTo(Weight(right[common]));
    }

    public static bool AreEqual(string left, string right) => string.Equals(left, right);

    /// <summary>Surrogates stand for code points above every other UTF-16 unit.</summary>
    private static int Weight(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
