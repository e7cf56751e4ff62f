using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>What expressions other than conditions may be for the rows of a file.</summary>
internal sealed class RangeAnalysis(FileStatistics statistics, IReadOnlySet<ColumnReference> noNaN, Func<DeltaExpression, Outcome> conditions)
{
    /// <summary>Functions that never decrease when their argument (by position) increases, the others being literals.</summary>
    private static readonly Dictionary<string, int> s_monotone = new(StringComparer.Ordinal)
    {
        ["year"] = 0,
        ["date_trunc"] = 1,
        ["trunc"] = 0,
        ["date_add"] = 0,
        ["add_months"] = 0,
        ["last_day"] = 0,
        ["unix_timestamp"] = 0,
        ["unix_millis"] = 0,
        ["unix_micros"] = 0,
        ["timestamp_seconds"] = 0,
        ["timestamp_millis"] = 0,
        ["timestamp_micros"] = 0,
        ["floor"] = 0,
        ["ceil"] = 0,
        ["left"] = 0,
    };

    public ValueRange Analyze(DeltaExpression expression)
    {
        switch (expression)
        {
            case Literal literal:
                return ValueRange.Constant(literal.Value);
            case ColumnReference column:
                return statistics.RangeOf(column, noNaN.Contains(column));
            case Cast cast:
                return Convert(cast, Analyze(cast.Operand));
            case FunctionCall { Name: "coalesce" } call:
                return Coalesce(call);
            case CaseWhen choice when choice.Type!.Kind != DeltaTypeKind.Boolean:
                return choice.Branches.Select(branch => branch.Value).Append(choice.Else).Select(Analyze).Aggregate((all, one) => all.Union(one));
            default:
                if (MonotoneArgument(expression) is { } at)
                    return Endpoints(expression, at, Analyze(expression.Children[at]));
                return expression.Type!.Kind == DeltaTypeKind.Boolean ? OfCondition(conditions(expression)) : ValueRange.Unknown;
        }
    }

    private static ValueRange OfCondition(Outcome outcome) =>
        outcome.True || outcome.False ? new ValueRange(!outcome.False, outcome.True, outcome.Null, true) : ValueRange.Nothing;

    private static int? MonotoneArgument(DeltaExpression expression)
    {
        int? at = expression switch
        {
            // A month later two moments may change places: January 31st in the morning and January 30th in the evening.
            IntervalShift shift when shift.Months == 0 || shift.Type!.Kind == DeltaTypeKind.Date => 0,
            BinaryOperation { Operator: BinaryOperator.Add or BinaryOperator.Subtract } => 0,
            FunctionCall { Name: "substring" } call when call.Arguments[1] is Literal { Value: 1L } => 0,
            FunctionCall call when s_monotone.TryGetValue(call.Name, out var argument) => argument,
            _ => null,
        };
        return at is { } position && expression.Children.Where((_, i) => i != position).All(child => child is Literal { IsNull: false }) ? at : null;
    }

    /// <summary>The expression at the bounds of its argument. Null stays null, and a value stays a value (or is an error).</summary>
    private static ValueRange Endpoints(DeltaExpression expression, int at, ValueRange argument) => new(
        End(expression, at, argument.Min),
        End(expression, at, argument.Max),
        argument.MayBeNull,
        argument.MayBeValue);

    private static object? End(DeltaExpression expression, int at, object? bound)
    {
        if (bound is null)
            return null;
        var children = expression.Children.ToList();
        children[at] = new Literal(bound) { Type = children[at].Type };
        return ConstantFolding.Fold(expression.With(children)) is Literal { IsNull: false } end ? end.Value : null;
    }

    private ValueRange Coalesce(FunctionCall call)
    {
        var result = Analyze(call.Arguments[0]);
        foreach (var argument in call.Arguments.Skip(1))
        {
            if (!result.MayBeNull)
                return result;
            var next = Analyze(argument);
            result = !result.MayBeValue ? next : (result with { MayBeNull = false }).Union(next with { MayBeNull = next.MayBeNull });
        }

        return result;
    }

    private static ValueRange Convert(Cast cast, ValueRange operand)
    {
        var (from, to) = (cast.Operand.Type!, cast.Target);
        var range = new ValueRange(null, null, operand.MayBeNull || cast.Try, operand.MayBeValue);
        if (from == to)
            return operand with { MayBeNull = range.MayBeNull };
        return range with { Min = Bound(operand.Min, from, to, -1), Max = Bound(operand.Max, from, to, 1) };
    }

    private static object? Bound(object? bound, DeltaType from, DeltaType to, int side) => (bound, to.Kind) switch
    {
        (null, _) => null,
        (long value, _) when TypeRules.IsIntegral(from) && TypeRules.IsIntegral(to) => value,
        (long value, DeltaTypeKind.Decimal) when TypeRules.IsIntegral(from) => ExactDecimal.From(value),
        (long value, DeltaTypeKind.Double) when TypeRules.IsIntegral(from) => (double)value,
        (long value, DeltaTypeKind.Float) when TypeRules.IsIntegral(from) => (double)(float)value,
        (ExactDecimal value, DeltaTypeKind.Decimal) => value.WithScale(((DecimalType)to).Scale),
        // Engines divide by a power of ten, and may be off by a bit.
        (ExactDecimal value, DeltaTypeKind.Double) => Open(value.ToDouble(), side),
        (double value, DeltaTypeKind.Double) => value,
        (double value, DeltaTypeKind.Float) => (double)(float)value,
        (long days, DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz) when from.Kind == DeltaTypeKind.Date => Math.Abs(days) < 100_000_000 ? days * CivilTime.MicrosPerDay : null,
        (long micros, DeltaTypeKind.Date) when TypeRules.IsTime(from) => CivilTime.FloorDiv(micros, CivilTime.MicrosPerDay),
        (long micros, DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz) when TypeRules.IsTime(from) => micros,
        _ => null,
    };

    private static object? Open(double value, int side)
    {
        for (var i = 0; i < 4; i++)
            value = side < 0 ? Math.BitDecrement(value) : Math.BitIncrement(value);
        return double.IsFinite(value) ? value : null;
    }
}
