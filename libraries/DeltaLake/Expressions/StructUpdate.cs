using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>A struct with some of its fields set, what assignments to nested fields come to; never parsed. A null struct counts as one whose fields are null.</summary>
/// <param name="Operand">The struct as it was.</param>
/// <param name="Fields">The fields that are set.</param>
/// <param name="Values">Their values.</param>
public sealed record StructUpdate(DeltaExpression Operand, IReadOnlyList<string> Fields, IReadOnlyList<DeltaExpression> Values) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand, .. Values];

    /// <summary>The value of a field: set, or as it was.</summary>
    public DeltaExpression ValueOf(SchemaField field)
    {
        for (var i = 0; i < Fields.Count; i++)
        {
            if (Fields[i] == field.Name)
                return Values[i];
        }

        return new FieldAccess(Operand, field.Name) { Type = field.Type };
    }

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0], Values = [.. children.Skip(1)] };

    internal override void Print(StringBuilder text)
    {
        text.Append("named_struct(");
        var first = true;
        foreach (var field in ((StructType)Type!).Fields)
        {
            text.Append(first ? "'" : ", '").Append(field.Name.Replace("'", "\\'", StringComparison.Ordinal)).Append("', ");
            ValueOf(field).Print(text);
            first = false;
        }

        text.Append(')');
    }
}
