using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Operators with two operands.</summary>
public enum BinaryOperator
{
    Or,
    And,
    Equal,

    /// <summary><c>&lt;=&gt;</c>: two nulls are equal, and the result is never null.</summary>
    NullSafeEqual,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,

    /// <summary><c>/</c>: of integers it gives a double. By zero it is null.</summary>
    Divide,

    /// <summary><c>DIV</c>: the whole part. By zero it is null.</summary>
    IntegerDivide,

    /// <summary><c>%</c>, with the sign of the left operand. By zero it is null.</summary>
    Modulo,
    Concat,
    BitAnd,
    BitOr,
    BitXor,
}

/// <summary>Operators with one operand.</summary>
public enum UnaryOperator
{
    Not,
    Negate,
    BitNot,
}

/// <summary>Two operands and an operator between them.</summary>
public sealed record BinaryOperation(BinaryOperator Operator, DeltaExpression Left, DeltaExpression Right) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Left, Right];

    /// <summary>The operator in SQL.</summary>
    public string Symbol => SymbolOf(Operator);

    /// <summary>True for <c>=</c>, <c>&lt;=&gt;</c>, <c>&lt;&gt;</c>, <c>&lt;</c> and their like.</summary>
    public bool IsComparison => Operator is >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual;

    internal static string SymbolOf(BinaryOperator operation) => operation switch
    {
        BinaryOperator.Or => "OR",
        BinaryOperator.And => "AND",
        BinaryOperator.Equal => "=",
        BinaryOperator.NullSafeEqual => "<=>",
        BinaryOperator.NotEqual => "<>",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        BinaryOperator.GreaterOrEqual => ">=",
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.IntegerDivide => "DIV",
        BinaryOperator.Modulo => "%",
        BinaryOperator.Concat => "||",
        BinaryOperator.BitAnd => "&",
        BinaryOperator.BitOr => "|",
        _ => "^",
    };

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Left = children[0], Right = children[1] };

    internal override void Print(StringBuilder text)
    {
        text.Append('(');
        Left.Print(text);
        text.Append(' ').Append(Symbol).Append(' ');
        Right.Print(text);
        text.Append(')');
    }
}

/// <summary>One operand and an operator before it.</summary>
public sealed record UnaryOperation(UnaryOperator Operator, DeltaExpression Operand) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand];

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0] };

    internal override void Print(StringBuilder text)
    {
        text.Append('(').Append(Operator switch { UnaryOperator.Not => "NOT ", UnaryOperator.Negate => "- ", _ => "~" });
        Operand.Print(text);
        text.Append(')');
    }
}
