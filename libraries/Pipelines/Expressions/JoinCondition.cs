using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>What makes two rows a pair: fields that are equal, and what else must be true.</summary>
/// <param name="Left">Key fields of the left side.</param>
/// <param name="Right">Key fields of the right side, in the same order.</param>
/// <param name="Where">The whole condition over <paramref name="Rows"/> where it is more than the equalities; otherwise null.</param>
/// <param name="Rows">A pair: the fields of the left side as <c>left.x</c>, then those of the right side as <c>right.y</c>.</param>
public sealed record JoinCondition(IReadOnlyList<string> Left, IReadOnlyList<string> Right, BoundExpression? Where, RowSchema Rows)
{
    private const string LeftName = "left.";
    private const string RightName = "right.";

    /// <summary>The fields of a pair.</summary>
    /// <param name="left">Left side.</param>
    /// <param name="right">Right side.</param>
    /// <param name="leftOptional">Right rows come without a left one too.</param>
    /// <param name="rightOptional">Left rows come without a right one too.</param>
    public static RowSchema RowsOf(RowSchema left, RowSchema right, bool leftOptional, bool rightOptional) => new(
    [
        .. left.Fields.Select(field => Named(field, LeftName, leftOptional)),
        .. right.Fields.Select(field => Named(field, RightName, rightOptional)),
    ]);

    /// <summary>Compiles <paramref name="text"/>, such as <c>left.tail = right.tail and left.gate &lt;&gt; right.gate</c>. False where it is wrong; <paramref name="error"/> says where and why.</summary>
    public static bool TryCompile(string text, RowSchema left, RowSchema right, bool leftOptional, bool rightOptional, [NotNullWhen(true)] out JoinCondition? condition, [NotNullWhen(false)] out string? error)
    {
        condition = null;
        var rows = RowsOf(left, right, leftOptional, rightOptional);
        if (!ExpressionCompiler.TryParse(text, out var syntax, out error) || !ExpressionCompiler.TryBind(text, syntax, rows, out var whole, out error))
            return false;
        if (whole.Type != FieldType.Boolean)
        {
            error = $"column {syntax.Position + 1}: found {NodeTypes.NameOf(whole.Type)}; expected a condition, such as left.id = right.id";
            return false;
        }

        List<string> leftKey = [], rightKey = [];
        var isMore = false;
        foreach (var part in Parts(syntax))
        {
            if (Sides(part) is not { } sides)
            {
                isMore = true;
                continue;
            }

            var (a, b) = (rows.Fields[rows.IndexOf(sides.Left)], rows.Fields[rows.IndexOf(sides.Right)]);
            if (Kind(a) != Kind(b))
            {
                error = $"column {part.Position + 1}: found {NodeTypes.NameOf(a.Type)} '{a.Name}' = {NodeTypes.NameOf(b.Type)} '{b.Name}'; keys must be of one type; compute one of them in a view before";
                return false;
            }

            leftKey.Add(sides.Left[LeftName.Length..]);
            rightKey.Add(sides.Right[RightName.Length..]);
        }

        if (leftKey.Count == 0)
        {
            error = $"column {syntax.Position + 1}: found no equality between the sides; expected at least one, such as left.id = right.id, joined to the rest by 'and'";
            return false;
        }

        condition = new JoinCondition(leftKey, rightKey, isMore ? whole : null, rows);
        return true;
    }

    private static FieldType Kind(Field field) => field.Type switch
    {
        FieldType.Int32 => FieldType.Int64,
        FieldType.Float32 => FieldType.Float64,
        var type => type,
    };

    private static Field Named(Field field, string side, bool isOptional) =>
        field with { Name = side + field.Name, Nullable = field.Nullable || isOptional, Default = null, HasDefault = false, Aliases = [] };

    private static IEnumerable<Syntax> Parts(Syntax syntax) =>
        syntax is BinarySyntax { Operator: "and" } and ? Parts(and.Left).Concat(Parts(and.Right)) : [syntax];

    private static (string Left, string Right)? Sides(Syntax syntax)
    {
        if (syntax is not BinarySyntax { Operator: "=", Left: FieldSyntax a, Right: FieldSyntax b })
            return null;
        if (a.Name.StartsWith(LeftName, StringComparison.Ordinal) && b.Name.StartsWith(RightName, StringComparison.Ordinal))
            return (a.Name, b.Name);
        return a.Name.StartsWith(RightName, StringComparison.Ordinal) && b.Name.StartsWith(LeftName, StringComparison.Ordinal) ? (b.Name, a.Name) : null;
    }
}
