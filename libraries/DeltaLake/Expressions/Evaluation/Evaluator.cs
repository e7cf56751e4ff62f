using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>
/// Evaluates resolved expressions on the rows of a batch, a column at a time. Semantics are Spark's with ANSI errors: an overflow or a
/// value that cannot be cast is an error, a division by zero is null, the time zone is UTC, NaN equals itself and is above all numbers.
/// </summary>
internal sealed class Evaluator(ColumnBatch? batch, int count)
{
    private readonly Dictionary<string, Vector> _columns = new(StringComparer.OrdinalIgnoreCase);

    public Evaluator(ColumnBatch batch)
        : this(batch, batch.Count)
    {
    }

    /// <summary>Throws where the expression has parts that only an engine can evaluate; so a plan is refused before a row is read.</summary>
    public static void Check(DeltaExpression expression)
    {
        if (Refusal(expression) is { } reason)
            throw new ExpressionException(expression.Position, $"found '{expression}', {reason}; expected what rows can be evaluated with: flat columns and functions of numbers, texts and times");
        foreach (var child in expression.Children)
            Check(child);
    }

    public Vector Evaluate(DeltaExpression expression) => Evaluate(expression, new Rows(count, null));

    /// <summary>Supplies a column that the batch does not have.</summary>
    public void Set(string name, Vector values) => _columns[name] = values;

    private static string? Refusal(DeltaExpression expression) => expression switch
    {
        ColumnReference { Path.Count: > 1 } => "which is inside a struct",
        { Type.IsPrimitive: false } => $"which is of type {expression.Type}",
        { Type.Kind: DeltaTypeKind.Variant } => "which is a variant",
        FunctionCall call when SparkFunctions.Find(call.Name).Evaluate is null => $"whose function {call.Name} only an engine has",
        ElementAccess or FieldAccess => "which is inside a nested value",
        _ => null,
    };

    private Vector Evaluate(DeltaExpression expression, Rows rows) => expression switch
    {
        Literal literal => ColumnVectors.Of(literal, count),
        ColumnReference column => Column(column),
        BinaryOperation { Operator: BinaryOperator.And or BinaryOperator.Or } logic => Logic(logic, rows),
        BinaryOperation { IsComparison: true } comparison => Comparisons.Compare(comparison, Evaluate(comparison.Left, rows), Evaluate(comparison.Right, rows), rows),
        BinaryOperation arithmetic => Arithmetics.Compute(arithmetic, Evaluate(arithmetic.Left, rows), Evaluate(arithmetic.Right, rows), rows),
        UnaryOperation unary => Arithmetics.Compute(unary, Evaluate(unary.Operand, rows), rows),
        NullTest test => Null(test, rows),
        InList list => Comparisons.In(list, Evaluate(list.Operand, rows), [.. list.Items.Select(item => Evaluate(item, rows))], rows),
        LikeTest like => Patterns.Match(like, Evaluate(like.Operand, rows), Evaluate(like.Pattern, rows), rows),
        CaseWhen choice => Choose(choice, rows),
        Cast cast => Casts.Convert(cast, Evaluate(cast.Operand, rows), rows),
        IntervalShift shift => Arithmetics.Shift(shift, Evaluate(shift.Operand, rows), rows),
        FunctionCall { Name: "coalesce" } call => Coalesce(call, rows),
        FunctionCall call => SparkFunctions.Find(call.Name).Evaluate!(call, [.. call.Arguments.Select(argument => Evaluate(argument, rows))], rows),
        _ => throw new ExpressionException(expression.Position, $"found '{expression}'; expected what rows can be evaluated with"),
    };

    private Vector Column(ColumnReference column)
    {
        if (_columns.TryGetValue(column.Path[0].Name, out var known))
            return known;
        var source = batch is null ? null : RowTypes.Find(batch, column.Path[0].Name);
        return _columns[column.Path[0].Name] = source is null
            ? throw new ExpressionException(column.Position, $"found column '{column}', which the rows do not have; expected one of {string.Join(", ", batch?.Schema.Fields.Select(field => field.Name) ?? [])}")
            : ColumnVectors.Of(source, column);
    }

    private Vector<bool> Logic(BinaryOperation logic, Rows rows)
    {
        var isAnd = logic.Operator == BinaryOperator.And;
        var left = (Vector<bool>)Evaluate(logic.Left, rows);
        // What decides alone: false for AND, true for OR.
        bool Decides(Vector<bool> side, int row) => !side.IsNull(row) && side[row] != isAnd;
        var right = (Vector<bool>)Evaluate(logic.Right, rows.Where(row => !Decides(left, row)));
        return VectorMath.RunNullable<bool>(rows, logic, left.IsConstant && right.IsConstant, row =>
            Decides(left, row) || Decides(right, row) ? !isAnd : left.IsNull(row) || right.IsNull(row) ? null : isAnd);
    }

    private Vector<bool> Null(NullTest test, Rows rows)
    {
        var operand = Evaluate(test.Operand, rows);
        return VectorMath.Run(rows, test, operand.IsConstant, _ => false, operand.IsNull);
    }

    private Vector Choose(CaseWhen choice, Rows rows)
    {
        var picks = new int[rows.Count];
        Array.Fill(picks, choice.Branches.Count);
        List<Vector> values = [];
        var open = rows;
        for (var i = 0; i < choice.Branches.Count; i++)
        {
            var condition = (Vector<bool>)Evaluate(choice.Branches[i].Condition, open);
            var current = open;
            var hit = current.Where(row => !condition.IsNull(row) && condition[row]);
            for (var row = 0; row < rows.Count; row++)
                picks[row] = hit.IsActive(row) ? i : picks[row];
            values.Add(Evaluate(choice.Branches[i].Value, hit));
            open = current.Where(row => !hit.IsActive(row));
        }

        values.Add(Evaluate(choice.Else, open));
        return ColumnVectors.Pick(choice, values, picks, rows);
    }

    private Vector Coalesce(FunctionCall call, Rows rows)
    {
        var picks = new int[rows.Count];
        List<Vector> values = [];
        var open = rows;
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            var value = Evaluate(call.Arguments[i], open);
            values.Add(value);
            var current = open;
            var at = i;
            for (var row = 0; row < rows.Count; row++)
                picks[row] = current.IsActive(row) && !value.IsNull(row) ? at : picks[row];
            open = current.Where(value.IsNull);
        }

        return ColumnVectors.Pick(call, values, picks, rows);
    }
}
