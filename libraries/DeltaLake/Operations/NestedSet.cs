using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Puts assignments to columns and to fields inside them (<c>a.b.c</c>) together: one for each column.</summary>
/// <param name="relation">The table's name in expressions; it may stand before a column.</param>
internal sealed class NestedSet(string table, StructType schema, string relation)
{
    private readonly List<Node> _columns = [];

    public void Add(string target, DeltaExpression value)
    {
        var path = PathOf(target);
        var (nodes, node) = (_columns, (Node?)null);
        for (var step = 0; step < path.Count; step++)
        {
            node = nodes.Find(item => item.Field.Name == path[step].Name);
            if (node is null)
                nodes.Add(node = new Node(path[step]));
            else if (node.Value is not null || step == path.Count - 1)
                throw new DeltaException(table, $"column '{target}' is to be set, and so is it, a part of it or what it is in; expected one value for it; set it once.");
            nodes = node.Inner;
        }

        StoreAssignment.Check(table, string.Join('.', path.Select(field => field.Name)), value.Type!, path[^1].Type);
        node!.Value = value;
    }

    public IReadOnlyList<Assignment> ToAssignments() =>
        [.. _columns.Select(node => new Assignment(node.Field, ValueOf(node, new ColumnReference([node.Field.Name]) { Relation = relation, Path = [node.Field], Type = node.Field.Type })))];

    private static DeltaExpression ValueOf(Node node, DeltaExpression before)
    {
        if (node.Value is { } value)
            return value;
        var values = node.Inner.ToDictionary(inner => inner.Field.Name, inner => ValueOf(inner, new FieldAccess(before, inner.Field.Name) { Type = inner.Field.Type }), StringComparer.Ordinal);
        // Values keep their own types here: the column's store assignment casts them all.
        var type = new StructType([.. ((StructType)node.Field.Type).Fields.Select(field => values.TryGetValue(field.Name, out var set) ? field with { Type = set.Type! } : field)]);
        return new StructUpdate(before, [.. values.Keys], [.. values.Values]) { Type = type };
    }

    private IReadOnlyList<SchemaField> PathOf(string target)
    {
        // A name may hold a dot itself: the whole is tried first.
        if (schema.Find(target) is { } whole)
            return [whole];
        var names = NamesOf(target);
        if (names.Count > 1 && relation.Length > 0 && string.Equals(names[0], relation, StringComparison.OrdinalIgnoreCase))
            names = [.. names.Skip(1)];
        List<SchemaField> path = [];
        DeltaType type = schema;
        foreach (var name in names)
        {
            if (type is not StructType structure)
                throw new DeltaException(table, $"field '{target}' is to be set, but '{path[^1].Name}' is {type}; expected structs on the way to it; set the column as a whole.");
            path.Add(structure.Find(name) ?? throw new DeltaException(table, $"column '{target}' is to be set, which the table has not; expected one of {string.Join(", ", structure.Fields.Select(item => item.Name))}."));
            type = path[^1].Type;
        }

        return path;
    }

    private IReadOnlyList<string> NamesOf(string target)
    {
        try
        {
            return DeltaExpression.Parse(target) is ColumnReference column ? column.Names : throw Unknown(target, null);
        }
        catch (ExpressionException exception)
        {
            throw Unknown(target, exception);
        }
    }

    private DeltaException Unknown(string target, Exception? inner)
    {
        var message = $"column '{target}' is to be set, which the table has not; expected one of {string.Join(", ", schema.Fields.Select(item => item.Name))}.";
        return inner is null ? new DeltaException(table, message) : new DeltaException(table, message, inner);
    }

    private sealed class Node(SchemaField set)
    {
        public SchemaField Field { get; } = set;

        public DeltaExpression? Value { get; set; }

        public List<Node> Inner { get; } = [];
    }
}
