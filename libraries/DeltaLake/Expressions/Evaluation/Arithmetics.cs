namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Operators on numbers, and intervals added to times.</summary>
internal static class Arithmetics
{
    public static Vector Compute(BinaryOperation operation, Vector left, Vector right, Rows rows)
    {
        var constant = left.IsConstant && right.IsConstant;
        switch (left)
        {
            case Vector<long> a:
            {
                var b = (Vector<long>)right;
                var byZero = operation.Operator is BinaryOperator.IntegerDivide or BinaryOperator.Modulo;
                return VectorMath.Run(rows, operation, constant, row => a.IsNull(row) || b.IsNull(row) || (byZero && b[row] == 0), row => Fit(Integers(operation.Operator, a[row], b[row]), operation.Type!));
            }

            case Vector<double> a:
            {
                var b = (Vector<double>)right;
                var byZero = operation.Operator is BinaryOperator.Divide or BinaryOperator.Modulo;
                var single = operation.Type!.Kind == DeltaTypeKind.Float;
                return VectorMath.Run(rows, operation, constant, row => a.IsNull(row) || b.IsNull(row) || (byZero && b[row] == 0), row => Round(Reals(operation.Operator, a[row], b[row]), single));
            }

            default:
            {
                var (a, b) = ((Vector<decimal>)left, (Vector<decimal>)right);
                var byZero = operation.Operator == BinaryOperator.Modulo;
                return VectorMath.Run(rows, operation, constant, row => a.IsNull(row) || b.IsNull(row) || (byZero && b[row] == 0), row => Casts.Fit(Decimals(operation.Operator, a[row], b[row]), (DecimalType)operation.Type!));
            }
        }
    }

    public static Vector Compute(UnaryOperation operation, Vector operand, Rows rows) => (operation.Operator, operand) switch
    {
        (UnaryOperator.Not, _) => VectorMath.Map<bool, bool>(operand, value => !value, rows, operation),
        (UnaryOperator.Negate, Vector<double>) => VectorMath.Map<double, double>(operand, value => -value, rows, operation),
        (UnaryOperator.Negate, Vector<decimal>) => VectorMath.Map<decimal, decimal>(operand, value => -value, rows, operation),
        (UnaryOperator.Negate, _) => VectorMath.Map<long, long>(operand, value => Fit(checked(-value), operation.Type!), rows, operation),
        _ => VectorMath.Map<long, long>(operand, value => ~value, rows, operation),
    };

    public static Vector Shift(IntervalShift shift, Vector operand, Rows rows) => shift.Type!.Kind == DeltaTypeKind.Date
        ? VectorMath.Map<long, long>(operand, days => CivilTime.AddMonths(days, shift.Months) + shift.Days, rows, shift)
        : VectorMath.Map<long, long>(operand, micros => Shift(micros, shift), rows, shift);

    /// <summary>The value, checked against the range of an integer type.</summary>
    public static long Fit(long value, DeltaType type)
    {
        var (least, greatest) = type.Kind switch
        {
            DeltaTypeKind.Byte => (sbyte.MinValue, sbyte.MaxValue),
            DeltaTypeKind.Short => (short.MinValue, short.MaxValue),
            DeltaTypeKind.Integer => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        return value >= least && value <= greatest ? value : throw new OverflowException($"{value} is outside the range of {type}");
    }

    private static long Shift(long micros, IntervalShift shift)
    {
        var days = CivilTime.FloorDiv(micros, CivilTime.MicrosPerDay);
        var time = micros - (days * CivilTime.MicrosPerDay);
        return checked(((CivilTime.AddMonths(days, shift.Months) + shift.Days) * CivilTime.MicrosPerDay) + time + shift.Micros);
    }

    private static long Integers(BinaryOperator operation, long a, long b) => operation switch
    {
        BinaryOperator.Add => checked(a + b),
        BinaryOperator.Subtract => checked(a - b),
        BinaryOperator.Multiply => checked(a * b),
        BinaryOperator.IntegerDivide => checked(a / b),
        BinaryOperator.Modulo => b == -1 ? 0 : a % b,
        BinaryOperator.BitAnd => a & b,
        BinaryOperator.BitOr => a | b,
        _ => a ^ b,
    };

    private static double Reals(BinaryOperator operation, double a, double b) => operation switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        _ => a % b,
    };

    private static decimal Decimals(BinaryOperator operation, decimal a, decimal b) => operation switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        _ => a % b,
    };

    private static double Round(double value, bool single) => single ? (float)value : value;
}
