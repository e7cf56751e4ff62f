using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>A greater than B (or equal). A row in which one of them is null is passed over unless the suite says otherwise.</summary>
internal sealed class PairRule(int left, int right, bool orEqual, PairRule.Compare compare, bool oneMissingFails, bool bothMissingFails) : RowRule
{
    public delegate int Compare(Column left, Column right, int row);

    public override bool Passes(ColumnBatch batch, int row)
    {
        var a = batch.Columns[left];
        var b = batch.Columns[right];
        var missing = (a.IsNull(row) ? 1 : 0) + (b.IsNull(row) ? 1 : 0);
        if (missing > 0)
            return missing == 2 ? !bothMissingFails : !oneMissingFails;
        var order = compare(a, b, row);
        return orEqual ? order >= 0 : order > 0;
    }

    public override string Found(ColumnBatch batch, int row) =>
        $"{ValueText.Of(batch.Columns[left], row)} and {ValueText.Of(batch.Columns[right], row)}";

    /// <summary>How two columns are compared; null where they cannot be. An unordered pair (NaN) is no greater.</summary>
    public static Compare? For(Field a, Field b)
    {
        var left = Kind(a.Type);
        var right = Kind(b.Type);
        return (left, right) switch
        {
            ('l', 'l') when IsNumber(a.Type) == IsNumber(b.Type) && (IsNumber(a.Type) || a.Type == b.Type) => (x, y, row) => ((Int64Column)x)[row].CompareTo(((Int64Column)y)[row]),
            ('s', 's') => (x, y, row) => string.CompareOrdinal(((StringColumn)x)[row], ((StringColumn)y)[row]),
            ('m', 'm') => (x, y, row) => ((DecimalColumn)x)[row].CompareTo(((DecimalColumn)y)[row]),
            _ when IsNumber(a.Type) && IsNumber(b.Type) => (x, y, row) => Order(Number(x, row), Number(y, row)),
            _ => null,
        };
    }

    private static int Order(double a, double b) => a > b ? 1 : a == b ? 0 : -1;

    private static char Kind(FieldType type) => type switch
    {
        FieldType.Int32 or FieldType.Int64 or FieldType.Date or FieldType.Timestamp => 'l',
        FieldType.Float32 or FieldType.Float64 => 'd',
        FieldType.Decimal => 'm',
        FieldType.String => 's',
        _ => '?',
    };

    private static bool IsNumber(FieldType type) =>
        type is FieldType.Int32 or FieldType.Int64 or FieldType.Float32 or FieldType.Float64 or FieldType.Decimal;

    private static double Number(Column column, int row) => column switch
    {
        Int64Column integers => integers[row],
        Float64Column doubles => doubles[row],
        _ => (double)((DecimalColumn)column)[row],
    };
}
