namespace RealTimeMesh.Cel;

/// <summary>An expression that is evaluated again and again with other values. Not thread-safe.</summary>
public sealed class CelEvaluation
{
    private readonly CelExpression _expression;
    private readonly CelValue[] _frame;

    internal CelEvaluation(CelExpression expression, CelValue[] frame)
    {
        _expression = expression;
        _frame = frame;
    }

    /// <summary>Gives a variable a value, which it keeps; variables are counted as <see cref="CelExpression.Variables"/> lists them.</summary>
    public void Set(int variable, in CelValue value) => _frame[variable] = value;

    /// <summary>The value, which may be an error.</summary>
    public CelValue Evaluate() => _expression.Evaluate(_frame);
}
