namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Functions of numbers, and of whatever has an order.</summary>
internal static class NumberFunctions
{
    private static readonly PrimitiveType s_double = PrimitiveType.Double;

    public static IReadOnlyList<SparkFunction> All { get; } =
    [
        new("abs", 1, 1, Signatures.Number, Abs),
        new("sign", 1, 1, Signatures.Of(s_double, s_double), (call, values, rows) => VectorMath.Map<double, double>(values[0], value => double.IsNaN(value) ? value : Math.Sign(value), rows, call)),
        new("floor", 1, 1, Whole, (call, values, rows) => Rounded(call, values[0], rows, Math.Floor, decimal.Floor)),
        new("ceil", 1, 1, Whole, (call, values, rows) => Rounded(call, values[0], rows, Math.Ceiling, decimal.Ceiling)),
        new("round", 1, 2, RoundType, Round),
        new("sqrt", 1, 1, Signatures.Of(s_double, s_double), (call, values, rows) => VectorMath.Map<double, double>(values[0], Math.Sqrt, rows, call)),
        new("power", 2, 2, Signatures.Of(s_double, s_double), (call, values, rows) => VectorMath.Map<double, double, double>(values[0], values[1], Math.Pow, rows, call)),
        new("isnan", 1, 1, Signatures.Of(PrimitiveType.Boolean, s_double), IsNaN),
        new("greatest", 2, int.MaxValue, Signatures.Ordered, (call, values, rows) => Extreme(call, values, rows, BinaryOperator.Greater)),
        new("least", 2, int.MaxValue, Signatures.Ordered, (call, values, rows) => Extreme(call, values, rows, BinaryOperator.Less)),
    ];

    private static Vector Abs(FunctionCall call, IReadOnlyList<Vector> values, Rows rows) => values[0] switch
    {
        Vector<long> => VectorMath.Map<long, long>(values[0], value => Arithmetics.Fit(Math.Abs(value), call.Type!), rows, call),
        Vector<decimal> => VectorMath.Map<decimal, decimal>(values[0], Math.Abs, rows, call),
        _ => VectorMath.Map<double, double>(values[0], Math.Abs, rows, call),
    };

    /// <summary>Of a double a long, of a decimal one without digits after the point.</summary>
    private static FunctionCall Whole(FunctionCall call)
    {
        var typed = Signatures.Number(call);
        return typed with
        {
            Type = typed.Type switch
            {
                DecimalType(var precision, var scale) => TypeRules.Bounded(precision - scale + 1, 0),
                _ => PrimitiveType.Long,
            },
        };
    }

    private static Vector Rounded(FunctionCall call, Vector value, Rows rows, Func<double, double> real, Func<decimal, decimal> exact) => value switch
    {
        Vector<long> => value,
        Vector<decimal> => VectorMath.Map(value, exact, rows, call),
        _ => VectorMath.Map<double, long>(value, item => real(item) is >= -9.2233720368547758E18 and < 9.2233720368547758E18 and var whole ? (long)whole : throw new OverflowException($"{item} is outside the range of long"), rows, call),
    };

    private static FunctionCall RoundType(FunctionCall call)
    {
        var typed = Signatures.Number(call);
        if (typed.Arguments.Count > 1 && typed.Arguments[1] is not Literal { Value: long })
            throw Signatures.Fault(call, "a number and a whole literal for its digits");
        var digits = typed.Arguments.Count > 1 ? (int)Math.Clamp((long)((Literal)typed.Arguments[1]).Value!, -38, 38) : 0;
        if (digits < 0)
            throw Signatures.Fault(call, "zero or more digits after the point");
        return typed.Type is DecimalType(var precision, var scale)
            ? typed with { Type = TypeRules.Bounded(precision - scale + 1 + Math.Min(scale, digits), Math.Min(scale, digits)) }
            : typed;
    }

    private static Vector Round(FunctionCall call, IReadOnlyList<Vector> values, Rows rows)
    {
        var digits = values.Count > 1 ? (int)((Vector<long>)values[1])[0] : 0;
        return values[0] switch
        {
            Vector<long> => values[0],
            Vector<decimal> => VectorMath.Map<decimal, decimal>(values[0], value => digits >= 28 ? value : Math.Round(value, digits, MidpointRounding.AwayFromZero), rows, call),
            // Through decimal where it fits: 2.675 is rounded as it is written.
            _ => VectorMath.Map<double, double>(values[0], value => Math.Abs(value) < 1e13 && digits <= 15 ? (double)Math.Round((decimal)value, digits, MidpointRounding.AwayFromZero) : value, rows, call),
        };
    }

    /// <summary>Null is no NaN.</summary>
    private static Vector<bool> IsNaN(FunctionCall call, IReadOnlyList<Vector> values, Rows rows)
    {
        var source = (Vector<double>)values[0];
        return VectorMath.Run(rows, call, source.IsConstant, _ => false, row => !source.IsNull(row) && double.IsNaN(source[row]));
    }

    /// <summary>Nulls do not take part.</summary>
    private static Vector Extreme(FunctionCall call, IReadOnlyList<Vector> values, Rows rows, BinaryOperator better)
    {
        var best = values[0];
        foreach (var value in values.Skip(1))
        {
            var comparison = new BinaryOperation(better, call.Arguments[0], call.Arguments[0]) { Type = PrimitiveType.Boolean };
            var wins = Comparisons.Compare(comparison, value, best, rows);
            var current = best;
            var picks = new int[rows.Count];
            for (var row = 0; row < rows.Count; row++)
                picks[row] = current.IsNull(row) || (!wins.IsNull(row) && wins[row]) ? 1 : 0;
            best = ColumnVectors.Pick(call, [current, value], picks, rows);
        }

        return best;
    }
}
