using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>What conditions may be for the rows of a file: true, false, null.</summary>
internal sealed class PredicateAnalysis
{
    private readonly FileStatistics _statistics;
    private readonly HashSet<ColumnReference> _noNaN;
    private readonly RangeAnalysis _ranges;

    public PredicateAnalysis(FileStatistics statistics, HashSet<ColumnReference> noNaN)
    {
        _statistics = statistics;
        _noNaN = noNaN;
        _ranges = new RangeAnalysis(statistics, noNaN, Analyze);
    }

    public Outcome Analyze(DeltaExpression expression)
    {
        switch (expression)
        {
            case Literal { Value: bool value }:
                return Outcome.Of(value);
            case Literal { IsNull: true }:
                return Outcome.Of(null);
            case BinaryOperation { Operator: BinaryOperator.And } and:
                var conjuncts = and.Conjuncts().ToList();
                return WithoutNaN(conjuncts.ConvertAll(Analyze).Aggregate(And), conjuncts);
            case BinaryOperation { Operator: BinaryOperator.Or } or:
                return Or(Analyze(or.Left), Analyze(or.Right));
            case BinaryOperation { IsComparison: true } comparison:
                return WithoutNaN(Compare(comparison.Operator, _ranges.Analyze(comparison.Left), _ranges.Analyze(comparison.Right)), [comparison]);
            case UnaryOperation { Operator: UnaryOperator.Not } not:
                var operand = Analyze(not.Operand);
                return new Outcome(operand.False, operand.True, operand.Null);
            case NullTest test:
                var tested = _ranges.Analyze(test.Operand);
                return new Outcome(tested.MayBeNull, tested.MayBeValue, false);
            case InList list:
                return In(list);
            case LikeTest { Kind: LikeKind.Like, Pattern: Literal { Value: string pattern } } like:
                var (prefix, isExact) = Patterns.Prefix(pattern, like.Escape);
                return Prefix(like.Operand, prefix, isExact);
            case FunctionCall { Name: "startswith" } call when call.Arguments[1] is Literal { Value: string start }:
                return Prefix(call.Arguments[0], start, isExact: false);
            case CaseWhen choice:
                return Choose(choice);
            case ColumnReference or Cast:
                return OfRange(_ranges.Analyze(expression));
            default:
                return Outcome.Unknown;
        }
    }

    private static Outcome OfRange(ValueRange range) => new(
        range.MayBeValue && range.Max is not false,
        range.MayBeValue && range.Min is not true,
        range.MayBeNull);

    /// <summary>A row for which all conjuncts are true has no NaN where one of them asks for an upper bound.</summary>
    private Outcome WithoutNaN(Outcome all, List<DeltaExpression> conjuncts)
    {
        if (!all.True)
            return all;
        var bounded = conjuncts.SelectMany(UpperBounded).Where(column => !_noNaN.Contains(column)).ToHashSet();
        if (bounded.Count == 0)
            return all;
        bounded.UnionWith(_noNaN);
        var narrow = new PredicateAnalysis(_statistics, bounded);
        return all with { True = conjuncts.TrueForAll(conjunct => narrow.Analyze(conjunct).True) };
    }

    private static IEnumerable<ColumnReference> UpperBounded(DeltaExpression conjunct)
    {
        var operands = conjunct switch
        {
            BinaryOperation { Operator: BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Equal or BinaryOperator.NullSafeEqual } below => (below.Left, below.Right),
            BinaryOperation { Operator: BinaryOperator.Greater or BinaryOperator.GreaterOrEqual } above => (above.Right, above.Left),
            _ => (null, null),
        };
        if (operands is ({ } value, Literal { Value: double bound }) && !double.IsNaN(bound))
        {
            while (value is Cast { Operand: var inner } && TypeRules.IsReal(inner.Type!))
                value = inner;
            if (value is ColumnReference column && TypeRules.IsReal(column.Type!))
                yield return column;
        }
    }

    private static Outcome And(Outcome left, Outcome right) => new(
        left.True && right.True,
        left.False || right.False,
        (left.Null && (right.Null || right.True)) || (right.Null && (left.Null || left.True)));

    private static Outcome Or(Outcome left, Outcome right) => new(
        left.True || right.True,
        left.False && right.False,
        (left.Null && (right.Null || right.False)) || (right.Null && (left.Null || left.False)));

    private static Outcome Compare(BinaryOperator operation, ValueRange left, ValueRange right)
    {
        var values = left.MayBeValue && right.MayBeValue;
        var mayBeNull = left.MayBeNull || right.MayBeNull;
        var mayEqual = values && left.MayEqual(right);
        var mayDiffer = values && !(left.IsPoint && right.IsPoint && mayEqual);
        return operation switch
        {
            BinaryOperator.Equal => new Outcome(mayEqual, mayDiffer, mayBeNull),
            BinaryOperator.NotEqual => new Outcome(mayDiffer, mayEqual, mayBeNull),
            BinaryOperator.NullSafeEqual => new Outcome(
                mayEqual || (left.MayBeNull && right.MayBeNull),
                mayDiffer || (left.MayBeNull && right.MayBeValue) || (left.MayBeValue && right.MayBeNull),
                false),
            BinaryOperator.Less => new Outcome(values && left.MayBeBelow(right), values && MayBeAtMost(right, left), mayBeNull),
            BinaryOperator.LessOrEqual => new Outcome(values && MayBeAtMost(left, right), values && right.MayBeBelow(left), mayBeNull),
            BinaryOperator.Greater => new Outcome(values && right.MayBeBelow(left), values && MayBeAtMost(left, right), mayBeNull),
            _ => new Outcome(values && MayBeAtMost(right, left), values && left.MayBeBelow(right), mayBeNull),
        };
    }

    private static bool MayBeAtMost(ValueRange left, ValueRange right) => left.Min is null || right.Max is null || ValueOrder.Compare(left.Min, right.Max) <= 0;

    private Outcome In(InList list)
    {
        var operand = _ranges.Analyze(list.Operand);
        var (mayEqual, mayBeNull) = (false, operand.MayBeNull);
        foreach (var item in list.Items)
        {
            var range = item is Literal literal ? ValueRange.Constant(literal.Value) : _ranges.Analyze(item);
            mayBeNull |= range.MayBeNull;
            mayEqual |= operand.MayBeValue && range.MayBeValue && operand.MayEqual(range);
        }

        return new Outcome(mayEqual, operand.MayBeValue, mayBeNull);
    }

    private Outcome Prefix(DeltaExpression operand, string prefix, bool isExact)
    {
        var range = _ranges.Analyze(operand);
        if (isExact)
            return Compare(BinaryOperator.Equal, range, ValueRange.Constant(prefix));
        if (!range.MayBeValue)
            return Outcome.Of(null);
        // Above all texts with the prefix is a minimum that is greater and does not have it itself.
        var above = range.Min is string min && StringBounds.Compare(min, prefix) > 0 && !min.StartsWith(prefix, StringComparison.Ordinal);
        var below = range.Max is string max && StringBounds.Compare(max, prefix) < 0;
        return new Outcome(!above && !below, true, range.MayBeNull);
    }

    private Outcome Choose(CaseWhen choice)
    {
        var result = Analyze(choice.Else);
        foreach (var (condition, value) in choice.Branches)
        {
            if (!Analyze(condition).True)
                continue;
            var taken = Analyze(value);
            result = new Outcome(result.True || taken.True, result.False || taken.False, result.Null || taken.Null);
        }

        return result;
    }
}
