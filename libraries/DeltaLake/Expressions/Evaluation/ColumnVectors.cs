using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Columns and literals as vectors: bool, long (integers, dates, timestamps), double, decimal, string, byte[].</summary>
internal static class ColumnVectors
{
    public static Vector Of(Column column, ColumnReference at) => column switch
    {
        BooleanColumn values => Of(values),
        Int64Column values => Of(values),
        Float64Column values when column.Field.Type == FieldType.Float32 => Singles(Of(values)),
        Float64Column values => Of(values),
        StringColumn values => Of(values),
        BytesColumn values => Of(values),
        DecimalColumn values => Of(values),
        _ => throw new ExpressionException(at.Position, $"column '{at}': rows of {column.Field.Type} cannot be evaluated"),
    };

    public static Vector Of(Literal literal, int count) => literal.Value switch
    {
        null => Nothing(literal.Type!, count),
        bool value => Vector.Constant(value, count),
        long value => Vector.Constant(value, count),
        double value => Vector.Constant(value, count),
        ExactDecimal value => Vector.Constant(value.ToDecimal() ?? throw new ExpressionException(literal.Position, $"found {literal}; expected a decimal of at most 28 digits, which rows can be compared with"), count),
        string value => Vector.Constant(value, count),
        byte[] value => Vector.Constant(value, count),
        var other => throw new InvalidOperationException($"a literal cannot hold {other.GetType()}"),
    };

    public static Vector Nothing(DeltaType type, int count) => type.Kind switch
    {
        DeltaTypeKind.Boolean or DeltaTypeKind.Void => Vector.Nothing<bool>(count),
        DeltaTypeKind.Float or DeltaTypeKind.Double => Vector.Nothing<double>(count),
        DeltaTypeKind.Decimal => Vector.Nothing<decimal>(count),
        DeltaTypeKind.String => Vector.Nothing<string>(count),
        DeltaTypeKind.Binary => Vector.Nothing<byte[]>(count),
        _ => Vector.Nothing<long>(count),
    };

    /// <summary>For each row the value of one of the vectors; the number after the last stands for null.</summary>
    public static Vector Pick(DeltaExpression at, IReadOnlyList<Vector> values, int[] picks, Rows rows) => at.Type!.Kind switch
    {
        DeltaTypeKind.Boolean => Pick<bool>(at, values, picks, rows),
        DeltaTypeKind.Float or DeltaTypeKind.Double => Pick<double>(at, values, picks, rows),
        DeltaTypeKind.Decimal => Pick<decimal>(at, values, picks, rows),
        DeltaTypeKind.String => Pick<string>(at, values, picks, rows),
        DeltaTypeKind.Binary => Pick<byte[]>(at, values, picks, rows),
        DeltaTypeKind.Void => Vector.Nothing<bool>(rows.Count),
        _ => Pick<long>(at, values, picks, rows),
    };

    /// <summary>The vector as a column of the field, appended to <paramref name="target"/>.</summary>
    public static void Append(Vector source, Column target)
    {
        for (var row = 0; row < source.Count; row++)
        {
            if (source.IsNull(row))
            {
                target.AppendNull();
                continue;
            }

            switch (target)
            {
                case BooleanColumn column:
                    column.Append(((Vector<bool>)source)[row]);
                    break;
                case Int64Column column:
                    column.Append(((Vector<long>)source)[row]);
                    break;
                case Float64Column column:
                    column.Append(((Vector<double>)source)[row]);
                    break;
                case StringColumn column:
                    column.Append(((Vector<string>)source)[row]);
                    break;
                case BytesColumn column:
                    column.Append(((Vector<byte[]>)source)[row]);
                    break;
                default:
                    ((DecimalColumn)target).Append(((Vector<decimal>)source)[row]);
                    break;
            }
        }
    }

    private static Vector<T> Pick<T>(DeltaExpression at, IReadOnlyList<Vector> values, int[] picks, Rows rows)
    {
        var typed = values.Select(value => (Vector<T>)value).ToArray();
        return VectorMath.Run(rows, at, isConstant: false, row => typed[picks[row]].IsNull(row), row => typed[picks[row]][row]);
    }

    /// <summary>The file will hold singles: constraints must hold for those.</summary>
    private static Vector<double> Singles(Vector<double> source) =>
        VectorMath.Map<double, double>(source, value => (float)value, new Rows(source.Count, null), Literal.Null);

    private static Vector<T> Of<T>(ValueColumn<T> column)
    {
        bool[]? nulls = null;
        if (column.NullCount > 0)
        {
            nulls = new bool[column.Count];
            for (var row = 0; row < nulls.Length; row++)
                nulls[row] = column.IsNull(row);
        }

        return new Vector<T>(column.Values.ToArray(), nulls, column.Count);
    }
}
