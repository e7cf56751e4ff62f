using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>
/// An expression of Spark SQL, as predicates of users, constraints and generated columns are written. Immutable. Parsed, its
/// columns are only names; <see cref="Resolve(ExpressionScope, DateTimeOffset)"/> finds them in a schema, gives every node its
/// <see cref="Type"/> and writes the implicit casts out.
/// </summary>
public abstract record DeltaExpression
{
    private protected DeltaExpression()
    {
    }

    /// <summary>Characters before it in the text it was parsed from.</summary>
    public int Position { get; init; }

    /// <summary>The type of its values once it is resolved; null before (a literal has it at once). <c>void</c> for a bare NULL.</summary>
    public DeltaType? Type { get; init; }

    /// <summary>The parts it is made of.</summary>
    public virtual IReadOnlyList<DeltaExpression> Children => [];

    /// <summary>Reads an expression. Throws <see cref="ExpressionException"/> with the position, what was found and what was expected.</summary>
    public static DeltaExpression Parse(string sql) => new Parser(sql).ParseAll();

    /// <summary>Reads a type such as <c>decimal(10,2)</c> or <c>array&lt;int&gt;</c>.</summary>
    public static DeltaType ParseType(string sql) => new Parser(sql).ParseTypeAll();

    /// <summary>Resolves against the columns of one table. <paramref name="now"/> is what <c>current_timestamp()</c> means.</summary>
    public DeltaExpression Resolve(StructType schema, DateTimeOffset now) => Resolve(ExpressionScope.Of(schema), now);

    /// <summary>Finds columns, checks and coerces types, folds constants. Throws <see cref="ExpressionException"/> where that fails.</summary>
    public DeltaExpression Resolve(ExpressionScope scope, DateTimeOffset now) => new Resolver(scope, now).Resolve(this);

    /// <summary>As <see cref="Resolve(ExpressionScope, DateTimeOffset)"/>, for something that must be true or false.</summary>
    public DeltaExpression ResolvePredicate(ExpressionScope scope, DateTimeOffset now) => new Resolver(scope, now).ResolvePredicate(this);

    /// <summary>As <see cref="Resolve(StructType, DateTimeOffset)"/>, for something that must be true or false.</summary>
    public DeltaExpression ResolvePredicate(StructType schema, DateTimeOffset now) => ResolvePredicate(ExpressionScope.Of(schema), now);

    /// <summary>Its conjuncts: <c>a AND b AND c</c> gives three, anything else itself.</summary>
    public IEnumerable<DeltaExpression> Conjuncts() =>
        this is BinaryOperation { Operator: BinaryOperator.And } and ? and.Left.Conjuncts().Concat(and.Right.Conjuncts()) : [this];

    /// <summary>Every column it names.</summary>
    public IEnumerable<ColumnReference> References() =>
        this is ColumnReference column ? [column] : Children.SelectMany(child => child.References());

    /// <summary>The expression in Spark SQL; parsing it gives the same tree.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        Print(text);
        return text.ToString();
    }

    /// <summary>The same node with other children, in the order of <see cref="Children"/>.</summary>
    internal abstract DeltaExpression With(IReadOnlyList<DeltaExpression> children);

    internal abstract void Print(StringBuilder text);

    private protected static void PrintList(StringBuilder text, IEnumerable<DeltaExpression> items)
    {
        var first = true;
        foreach (var item in items)
        {
            text.Append(first ? "" : ", ");
            item.Print(text);
            first = false;
        }
    }
}
