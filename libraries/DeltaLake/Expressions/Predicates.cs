using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary><c>x IS NULL</c>.</summary>
public sealed record NullTest(DeltaExpression Operand) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand];

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0] };

    internal override void Print(StringBuilder text)
    {
        text.Append('(');
        Operand.Print(text);
        text.Append(" IS NULL)");
    }
}

/// <summary><c>x IN (a, b, …)</c>.</summary>
public sealed record InList(DeltaExpression Operand, IReadOnlyList<DeltaExpression> Items) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand, .. Items];

    public bool Equals(InList? other) => other is not null && Operand == other.Operand && Items.SequenceEqual(other.Items);

    public override int GetHashCode() => HashCode.Combine(Operand, Items.Count);

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0], Items = [.. children.Skip(1)] };

    internal override void Print(StringBuilder text)
    {
        text.Append('(');
        Operand.Print(text);
        text.Append(" IN (");
        PrintList(text, Items);
        text.Append("))");
    }
}

/// <summary>How a text is matched.</summary>
public enum LikeKind
{
    /// <summary><c>LIKE</c>: <c>%</c> and <c>_</c>.</summary>
    Like,

    /// <summary><c>ILIKE</c>: ignoring case.</summary>
    IgnoringCase,

    /// <summary><c>RLIKE</c>: a regular expression that matches somewhere.</summary>
    Regex,
}

/// <summary><c>x LIKE pattern</c>.</summary>
/// <param name="Escape">The character that takes its meaning from the next one.</param>
public sealed record LikeTest(DeltaExpression Operand, DeltaExpression Pattern, LikeKind Kind, char Escape) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand, Pattern];

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0], Pattern = children[1] };

    internal override void Print(StringBuilder text)
    {
        text.Append('(');
        Operand.Print(text);
        text.Append(Kind switch { LikeKind.Like => " LIKE ", LikeKind.IgnoringCase => " ILIKE ", _ => " RLIKE " });
        Pattern.Print(text);
        if (Kind != LikeKind.Regex && Escape != '\\')
        {
            text.Append(" ESCAPE ");
            Literal.Of(Escape.ToString()).Print(text);
        }

        text.Append(')');
    }
}
