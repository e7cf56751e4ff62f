namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Computes what depends on no column, so that pruning and engines see literals.</summary>
internal static class ConstantFolding
{
    public static DeltaExpression Fold(DeltaExpression expression)
    {
        if (expression is Literal or ColumnReference || expression.Children.Count == 0 || !expression.Children.All(child => child is Literal))
            return expression;
        if (expression is Cast { Target: DecimalType target, Operand: Literal operand } && ToDecimal(operand, target) is { } exact)
            return exact with { Position = expression.Position };
        try
        {
            Evaluator.Check(expression);
            var value = new Evaluator(null, 1).Evaluate(expression).GetValue(0);
            return new Literal(value is decimal number ? ExactDecimal.From(number) : value) { Type = expression.Type, Position = expression.Position };
        }
        catch (ExpressionException)
        {
            // What has no value (a cast of 'x' to a number) must fail where its row is reached, and no earlier.
            return expression;
        }
    }

    /// <summary>Beyond the 28 digits of <see cref="decimal"/>.</summary>
    private static Literal? ToDecimal(Literal operand, DecimalType target)
    {
        ExactDecimal? source = operand.Value switch
        {
            ExactDecimal number => number,
            long number when TypeRules.IsIntegral(operand.Type!) => ExactDecimal.From(number),
            string text when ExactDecimal.TryParse(text.Trim(), out var number) => number,
            _ => null,
        };
        return source?.WithScale(target.Scale) is { } scaled && scaled.Precision <= target.Precision ? new Literal(scaled) { Type = target } : null;
    }
}
