namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Order and equality of values: strings and bytes by their (UTF-8) bytes, NaN equal to itself and above every number, -0 equal to 0.</summary>
internal static class Comparisons
{
    public static Vector<bool> Compare(BinaryOperation comparison, Vector left, Vector right, Rows rows) => left switch
    {
        Vector<long> => Compare<long>(comparison, left, right, rows, static (a, b) => a.CompareTo(b)),
        Vector<double> => Compare<double>(comparison, left, right, rows, Doubles),
        Vector<decimal> => Compare<decimal>(comparison, left, right, rows, static (a, b) => a.CompareTo(b)),
        Vector<string> => Compare<string>(comparison, left, right, rows, StringBounds.Compare),
        Vector<byte[]> => Compare<byte[]>(comparison, left, right, rows, Bytes),
        _ => Compare<bool>(comparison, left, right, rows, static (a, b) => a.CompareTo(b)),
    };

    public static Vector<bool> In(InList list, Vector operand, IReadOnlyList<Vector> items, Rows rows) => operand switch
    {
        Vector<long> => In<long>(list, operand, items, rows, null),
        Vector<double> => In<double>(list, operand, items, rows, null),
        Vector<decimal> => In<decimal>(list, operand, items, rows, null),
        Vector<string> => In<string>(list, operand, items, rows, null),
        Vector<byte[]> => In<byte[]>(list, operand, items, rows, ByteEquality.Instance),
        _ => In<bool>(list, operand, items, rows, null),
    };

    public static int Doubles(double left, double right) =>
        left < right ? -1 : left > right ? 1 : left == right ? 0 : double.IsNaN(left) ? (double.IsNaN(right) ? 0 : 1) : -1;

    public static int Bytes(byte[] left, byte[] right) => left.AsSpan().SequenceCompareTo(right);

    private static Vector<bool> Compare<T>(BinaryOperation comparison, Vector left, Vector right, Rows rows, Comparison<T> order)
    {
        var constant = left.IsConstant && right.IsConstant;
        var (a, b) = ((Vector<T>)left, (Vector<T>)right);
        if (comparison.Operator == BinaryOperator.NullSafeEqual)
            return VectorMath.Run(rows, comparison, constant, _ => false, row => a.IsNull(row) || b.IsNull(row) ? a.IsNull(row) && b.IsNull(row) : order(a[row], b[row]) == 0);
        Func<int, bool> test = comparison.Operator switch
        {
            BinaryOperator.Equal => static sign => sign == 0,
            BinaryOperator.NotEqual => static sign => sign != 0,
            BinaryOperator.Less => static sign => sign < 0,
            BinaryOperator.LessOrEqual => static sign => sign <= 0,
            BinaryOperator.Greater => static sign => sign > 0,
            _ => static sign => sign >= 0,
        };
        return VectorMath.Run(rows, comparison, constant, row => a.IsNull(row) || b.IsNull(row), row => test(order(a[row], b[row])));
    }

    private static Vector<bool> In<T>(InList list, Vector operand, IReadOnlyList<Vector> items, Rows rows, IEqualityComparer<T>? equality)
    {
        var values = (Vector<T>)operand;
        if (items.All(item => item.IsConstant) && rows.Count > 0)
        {
            var hasNull = items.Any(item => item.IsNull(0));
            // -0 and 0 are one key of a set of doubles, and so is NaN.
            var set = items.Where(item => !item.IsNull(0)).Select(item => ((Vector<T>)item)[0]).ToHashSet(equality);
            return VectorMath.RunNullable<bool>(rows, list, operand.IsConstant, row => values.IsNull(row) ? null : set.Contains(values[row]) ? true : hasNull ? null : false);
        }

        var typed = items.Select(item => (Vector<T>)item).ToArray();
        var comparer = equality ?? EqualityComparer<T>.Default;
        return VectorMath.RunNullable<bool>(rows, list, false, row =>
        {
            if (values.IsNull(row))
                return null;
            bool? result = false;
            foreach (var item in typed)
            {
                if (item.IsNull(row))
                    result = null;
                else if (comparer.Equals(item[row], values[row]))
                    return true;
            }

            return result;
        });
    }

    private sealed class ByteEquality : IEqualityComparer<byte[]>
    {
        public static ByteEquality Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }
}
