using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>What the columns become that an operation does not set: defaults and generated values, written in terms of those it sets.</summary>
internal sealed class ColumnValues(string table, WriteRules rules)
{
    /// <summary>For a new row: one assignment for each column, where no value means that the operation does not give it.</summary>
    public IReadOnlyList<Assignment> OfInsert(IReadOnlyList<Assignment> given)
    {
        var defaulted = given.Select(Counted).Select(item => item.Value is null && item.Numbers is null && FillOf(item.Column) is { IsGenerated: false, Value: not Literal { IsNull: true } } fill ? item with { Value = fill.Value } : item).ToList();
        var values = defaulted.ToDictionary(item => item.Column.Name, item => item.Value, StringComparer.OrdinalIgnoreCase);
        return [.. defaulted.Select(item => item.Value is null && item.Numbers is null && FillOf(item.Column) is { IsGenerated: true } fill
            ? item with { Value = Substitute(fill.Value, column => IdentityColumn.Is(column.Path[0]) && values.GetValueOrDefault(column.Path[0].Name) is null ? throw Unknown(item.Column, column.Path[0]) : values.GetValueOrDefault(column.Path[0].Name) ?? Literal.Null) }
            : item)];
    }

    /// <summary>For a changed row: the columns that are set, and those generated from them.</summary>
    /// <param name="relation">The table's name in the assignments' expressions.</param>
    public IReadOnlyList<Assignment> OfUpdate(StructType schema, IReadOnlyList<Assignment> set, string relation)
    {
        if (set.FirstOrDefault(item => IdentityColumn.Is(item.Column)) is { } counted)
            throw new DeltaException(table, $"column '{counted.Column.Name}' is an identity column (feature {IdentityColumn.Feature}) and was to be updated; expected its values to stay; leave it out.");
        var values = set.ToDictionary(item => item.Column.Name, item => item.Value ?? Literal.Null, StringComparer.OrdinalIgnoreCase);
        var generated = from fill in rules.Fills
                        where fill.IsGenerated && !values.ContainsKey(fill.Column) && fill.Value.References().Any(column => values.ContainsKey(column.Path[0].Name))
                        select new Assignment(schema.Find(fill.Column)!, Substitute(fill.Value, column => values.GetValueOrDefault(column.Path[0].Name)
                            ?? new ColumnReference([column.Path[0].Name]) { Relation = relation, Path = [column.Path[0]], Type = column.Path[0].Type }));
        return [.. set, .. generated];
    }

    private Assignment Counted(Assignment item)
    {
        if (!IdentityColumn.Is(item.Column))
            return item;
        var column = IdentityColumn.Of(table, item.Column);
        return item.Value is null ? item with { Numbers = column.Next } : column.AllowsExplicit ? item : throw IdentityFill.Explicit(column);
    }

    private DeltaException Unknown(SchemaField generated, SchemaField identity) =>
        new(table, $"generated column '{generated.Name}' is computed from identity column '{identity.Name}', whose number is not known before the row is written; expected a generation expression over other columns.");

    private ColumnFill FillOf(SchemaField field) => rules.Fills.FirstOrDefault(fill => fill.Column == field.Name)
        ?? new ColumnFill(field.Name, Literal.Null with { Type = field.Type }, IsGenerated: false);

    private static DeltaExpression Substitute(DeltaExpression expression, Func<ColumnReference, DeltaExpression> valueOf)
    {
        if (expression is not ColumnReference column)
            return expression.Children.Count == 0 ? expression : expression.With([.. expression.Children.Select(child => Substitute(child, valueOf))]);
        var root = column.Path[0];
        var value = Resolver.Coerce(valueOf(column), root.Type) ?? throw new ExpressionException(column.Position, $"found a value for column {root.Name} that is no {root.Type}");
        return column.Path.Skip(1).Aggregate(value, (inner, field) => new FieldAccess(inner, field.Name) { Type = field.Type, Position = column.Position });
    }
}
