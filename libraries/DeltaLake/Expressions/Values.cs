using System.Globalization;
using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary><c>CASE WHEN c THEN v … ELSE e END</c>; the form with an operand is written out with <c>=</c>.</summary>
/// <param name="Branches">Conditions with their values, in order.</param>
/// <param name="Else">The value where none is true; a NULL literal where there is no ELSE.</param>
public sealed record CaseWhen(IReadOnlyList<(DeltaExpression Condition, DeltaExpression Value)> Branches, DeltaExpression Else) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [.. Branches.SelectMany(branch => new[] { branch.Condition, branch.Value }), Else];

    public bool Equals(CaseWhen? other) => other is not null && Branches.SequenceEqual(other.Branches) && Else == other.Else;

    public override int GetHashCode() => HashCode.Combine(Branches.Count, Else);

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) =>
        this with { Branches = [.. Branches.Select((_, i) => (children[2 * i], children[(2 * i) + 1]))], Else = children[^1] };

    internal override void Print(StringBuilder text)
    {
        text.Append("CASE");
        foreach (var (condition, value) in Branches)
        {
            text.Append(" WHEN ");
            condition.Print(text);
            text.Append(" THEN ");
            value.Print(text);
        }

        text.Append(" ELSE ");
        Else.Print(text);
        text.Append(" END");
    }
}

/// <summary><c>CAST(x AS type)</c>.</summary>
/// <param name="Try">True for <c>TRY_CAST</c>: null where a value has no counterpart, instead of an error.</param>
public sealed record Cast(DeltaExpression Operand, DeltaType Target, bool Try) : DeltaExpression
{
    /// <summary>Written by nobody: the two sides of an operator had different types.</summary>
    public bool Implicit { get; init; }

    public override IReadOnlyList<DeltaExpression> Children => [Operand];

    /// <summary>A type's name in Spark SQL.</summary>
    internal static string NameOf(DeltaType type) => type switch
    {
        StructType structure => $"STRUCT<{string.Join(", ", structure.Fields.Select(field => $"{ColumnReference.Quote(field.Name)}: {NameOf(field.Type)}"))}>",
        ArrayType array => $"ARRAY<{NameOf(array.ElementType)}>",
        MapType map => $"MAP<{NameOf(map.KeyType)}, {NameOf(map.ValueType)}>",
        _ => type.Kind switch
        {
            DeltaTypeKind.Byte => "TINYINT",
            DeltaTypeKind.Short => "SMALLINT",
            DeltaTypeKind.Integer => "INT",
            DeltaTypeKind.Long => "BIGINT",
            _ => type.SqlName.ToUpperInvariant(),
        },
    };

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0] };

    internal override void Print(StringBuilder text)
    {
        if (Implicit)
        {
            Operand.Print(text);
            return;
        }

        text.Append(Try ? "TRY_CAST(" : "CAST(");
        Operand.Print(text);
        text.Append(" AS ").Append(NameOf(Target)).Append(')');
    }
}

/// <summary>A call: <c>name(a, b)</c>. The name is in lower case; once resolved it is the function's first name.</summary>
public sealed record FunctionCall(string Name, IReadOnlyList<DeltaExpression> Arguments) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => Arguments;

    public bool Equals(FunctionCall? other) => other is not null && Name == other.Name && Arguments.SequenceEqual(other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Name, Arguments.Count);

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Arguments = children };

    internal override void Print(StringBuilder text)
    {
        text.Append(Name).Append('(');
        PrintList(text, Arguments);
        text.Append(')');
    }
}

/// <summary>A field of a value: <c>f(x).name</c>.</summary>
public sealed record FieldAccess(DeltaExpression Operand, string Name) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand];

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0] };

    internal override void Print(StringBuilder text)
    {
        Operand.Print(text);
        text.Append('.').Append(ColumnReference.Quote(Name));
    }
}

/// <summary>An element of an array, from 0, or the value of a map's key: <c>x[i]</c>. Null where there is none.</summary>
public sealed record ElementAccess(DeltaExpression Operand, DeltaExpression Index) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand, Index];

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0], Index = children[1] };

    internal override void Print(StringBuilder text)
    {
        Operand.Print(text);
        text.Append('[');
        Index.Print(text);
        text.Append(']');
    }
}

/// <summary>A date or timestamp moved by an interval: <c>x + INTERVAL 1 DAY</c>.</summary>
/// <param name="Months">Months to add, before the rest; the last day of a shorter month is taken where the day does not exist.</param>
/// <param name="Days">Days to add.</param>
/// <param name="Micros">Microseconds to add.</param>
public sealed record IntervalShift(DeltaExpression Operand, int Months, int Days, long Micros) : DeltaExpression
{
    public override IReadOnlyList<DeltaExpression> Children => [Operand];

    internal override DeltaExpression With(IReadOnlyList<DeltaExpression> children) => this with { Operand = children[0] };

    internal override void Print(StringBuilder text)
    {
        text.Append('(');
        Operand.Print(text);
        text.Append(" + INTERVAL");
        if (Months != 0)
            text.Append(CultureInfo.InvariantCulture, $" {Months} MONTHS");
        if (Days != 0 || (Months == 0 && Micros == 0))
            text.Append(CultureInfo.InvariantCulture, $" {Days} DAYS");
        if (Micros != 0)
            text.Append(CultureInfo.InvariantCulture, $" {Micros} MICROSECONDS");
        text.Append(')');
    }
}
