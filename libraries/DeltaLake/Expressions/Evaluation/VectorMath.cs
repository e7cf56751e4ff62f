namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Applies a function row by row where no operand is null.</summary>
internal static class VectorMath
{
    public static Vector<TResult> Map<T, TResult>(Vector source, Func<T, TResult> function, Rows rows, DeltaExpression at)
    {
        var typed = (Vector<T>)source;
        return Run(rows, at, typed.IsConstant, row => typed.IsNull(row), row => function(typed[row]));
    }

    public static Vector<TResult> Map<T1, T2, TResult>(Vector first, Vector second, Func<T1, T2, TResult> function, Rows rows, DeltaExpression at)
    {
        var (a, b) = ((Vector<T1>)first, (Vector<T2>)second);
        return Run(rows, at, a.IsConstant && b.IsConstant, row => a.IsNull(row) || b.IsNull(row), row => function(a[row], b[row]));
    }

    /// <summary>The general form; a null result of <paramref name="function"/> (for a nullable <typeparamref name="TResult"/>) is not looked at.</summary>
    public static Vector<TResult> Run<TResult>(Rows rows, DeltaExpression at, bool isConstant, Func<int, bool> isNull, Func<int, TResult> function)
    {
        var count = isConstant ? Math.Min(1, rows.Count) : rows.Count;
        var values = new TResult[Math.Max(1, count)];
        bool[]? nulls = null;
        for (var row = 0; row < count; row++)
        {
            if (isNull(row))
            {
                (nulls ??= new bool[values.Length])[row] = true;
                continue;
            }

            try
            {
                values[row] = function(row);
            }
            catch (Exception exception) when (exception is OverflowException or FormatException or ArgumentException or DivideByZeroException)
            {
                // A row that no branch asks for may have no value. A constant is asked for where any row is.
                if (isConstant ? rows.Any : rows.IsActive(row))
                    throw new ExpressionException(at.Position, $"row {row}: '{at}' has no value: {exception.Message}; expected values of type {at.Type}", exception);
                (nulls ??= new bool[values.Length])[row] = true;
            }
        }

        return new Vector<TResult>(values, nulls, rows.Count, isConstant);
    }

    /// <summary>The rows where the function gives null are null.</summary>
    public static Vector<T> RunNullable<T>(Rows rows, DeltaExpression at, bool isConstant, Func<int, T?> function)
        where T : struct
    {
        var source = Run(rows, at, isConstant, _ => false, function);
        return Run(rows, at, isConstant, row => source.IsNull(row) || source[row] is null, row => source[row]!.Value);
    }
}

/// <summary>The rows that are evaluated.</summary>
/// <param name="Count">All of them.</param>
/// <param name="Active">Those whose value is asked for; null for all.</param>
internal readonly record struct Rows(int Count, bool[]? Active)
{
    public bool Any => Active is null ? Count > 0 : Active.AsSpan().Contains(true);

    public bool IsActive(int row) => Active is null || Active[row];

    public Rows Where(Func<int, bool> condition)
    {
        var active = new bool[Count];
        for (var row = 0; row < Count; row++)
            active[row] = IsActive(row) && condition(row);
        return new Rows(Count, active);
    }
}
