using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Order of values and rows: numbers and texts (by code unit) ascending, NaN above all numbers, NULL last.</summary>
internal static class RowOrder
{
    public static int Compare(ColumnBatch left, int leftRow, ColumnBatch right, int rightRow)
    {
        for (var i = 0; i < left.Columns.Count; i++)
        {
            var order = Compare(left.Columns[i], leftRow, right.Columns[i], rightRow);
            if (order != 0)
                return order;
        }

        return 0;
    }

    public static int Compare(Column left, int leftRow, Column right, int rightRow)
    {
        var (isLeftNull, isRightNull) = (left.IsNull(leftRow), right.IsNull(rightRow));
        if (isLeftNull || isRightNull)
            return isLeftNull == isRightNull ? 0 : isLeftNull ? 1 : -1;
        return left switch
        {
            Int64Column numbers => numbers[leftRow].CompareTo(((Int64Column)right)[rightRow]),
            Float64Column numbers => Compare(numbers[leftRow], ((Float64Column)right)[rightRow]),
            StringColumn texts => string.CompareOrdinal(texts[leftRow], ((StringColumn)right)[rightRow]),
            BooleanColumn flags => flags[leftRow].CompareTo(((BooleanColumn)right)[rightRow]),
            DecimalColumn numbers => numbers[leftRow].CompareTo(((DecimalColumn)right)[rightRow]),
            BytesColumn bytes => bytes[leftRow].AsSpan().SequenceCompareTo(((BytesColumn)right)[rightRow]),
            _ => throw new StreamingException($"field '{left.Field.Name}': found type {left.Field.Type}; expected one with an order; leave it out."),
        };
    }

    private static int Compare(double left, double right) => (double.IsNaN(left), double.IsNaN(right)) switch
    {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => -1,
        _ => left.CompareTo(right),
    };
}
