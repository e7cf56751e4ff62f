using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Expressions;

/// <summary>Writes a tree of nodes as SQL; every node is its own closed piece of text.</summary>
internal sealed class Renderer(Func<ColumnReference, string> column)
{
    public string Render(DeltaExpression expression) => expression switch
    {
        Literal literal => LiteralSql.Of(literal),
        ColumnReference reference => column(reference),
        BinaryOperation binary => Binary(binary),
        UnaryOperation unary => $"({unary.Operator switch { UnaryOperator.Not => "NOT ", UnaryOperator.Negate => "- ", _ => "~" }}{Render(unary.Operand)})",
        NullTest test => $"({Render(test.Operand)} IS NULL)",
        InList list => $"({Render(list.Operand)} IN ({string.Join(", ", list.Items.Select(Render))}))",
        LikeTest { Kind: LikeKind.Regex } like => $"regexp_matches({Render(like.Operand)}, {Render(like.Pattern)})",
        LikeTest like => $"({Render(like.Operand)} {(like.Kind == LikeKind.Like ? "LIKE" : "ILIKE")} {Render(like.Pattern)} ESCAPE {SqlText.Literal(like.Escape.ToString())})",
        CaseWhen choice => $"CASE {string.Join(' ', choice.Branches.Select(branch => $"WHEN {Render(branch.Condition)} THEN {Render(branch.Value)}"))} ELSE {Render(choice.Else)} END",
        Cast cast => CastSql.Of(cast, Render(cast.Operand)),
        IntervalShift shift => Shift(shift),
        StructUpdate update => $"struct_pack({string.Join(", ", ((StructType)update.Type!).Fields.Select(field => $"{SqlText.Identifier(field.Name)} := {Render(update.ValueOf(field))}"))})",
        FieldAccess access => $"struct_extract({Render(access.Operand)}, {SqlText.Literal(access.Name)})",
        ElementAccess { Operand.Type: MapType } access => $"map_extract({Render(access.Operand)}, {Render(access.Index)})[1]",
        // Spark counts from 0 and has nothing before it; DuckDB counts from 1, and from the end with a minus.
        ElementAccess access => $"CASE WHEN {Render(access.Index)} >= 0 THEN list_extract({Render(access.Operand)}, CAST({Render(access.Index)} AS BIGINT) + 1) END",
        FunctionCall call => FunctionSql.Of(call, [.. call.Arguments.Select(Render)]),
        _ => throw new DuckDbFaultException($"expression '{expression}' has no SQL in DuckDB"),
    };

    private string Binary(BinaryOperation binary)
    {
        var (left, right) = (Render(binary.Left), Render(binary.Right));
        var decimals = binary.Type is DecimalType;
        var sql = binary.Operator switch
        {
            BinaryOperator.NullSafeEqual => $"({left} IS NOT DISTINCT FROM {right})",
            BinaryOperator.Divide => $"({left} / nullif({right}, 0))",
            BinaryOperator.IntegerDivide => $"({left} // nullif({right}, 0))",
            BinaryOperator.Modulo => $"({left} % nullif({right}, 0))",
            BinaryOperator.BitXor => $"xor({left}, {right})",
            BinaryOperator.Concat => $"({left} || {right})",
            _ => $"({left} {binary.Symbol} {right})",
        };
        return decimals ? $"CAST({sql} AS {DuckDbExpressions.TypeOf(binary.Type!)})" : sql;
    }

    private string Shift(IntervalShift shift)
    {
        var sql = Render(shift.Operand);
        if (shift.Months != 0)
            sql += $" + to_months({shift.Months})";
        if (shift.Days != 0)
            sql += $" + to_days({shift.Days})";
        if (shift.Micros != 0)
            sql += $" + to_microseconds({shift.Micros})";
        return $"CAST({sql} AS {DuckDbExpressions.TypeOf(shift.Type!)})";
    }
}
