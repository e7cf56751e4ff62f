namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Whose columns an expression may name: one table, or several relations by their names (<c>target.id = source.id</c>).</summary>
public sealed class ExpressionScope
{
    private readonly IReadOnlyList<(string Name, StructType Schema)> _relations;

    private ExpressionScope(IReadOnlyList<(string Name, StructType Schema)> relations) => _relations = relations;

    /// <summary>The columns of one table, without a name before them.</summary>
    public static ExpressionScope Of(StructType schema) => new([("", schema)]);

    /// <summary>Relations whose columns may have the relation's name before them, and must where two have the same column.</summary>
    public static ExpressionScope Of(params IReadOnlyList<(string Name, StructType Schema)> relations) => new(relations);

    /// <summary>Finds the column, and the fields inside it as far as it is a struct; <paramref name="rest"/> is what follows.</summary>
    internal ColumnReference Find(ColumnReference column, out IReadOnlyList<string> rest)
    {
        var matches = (from relation in _relations
                       let skip = relation.Name.Length > 0 && column.Names.Count > 1 && string.Equals(relation.Name, column.Names[0], StringComparison.OrdinalIgnoreCase) ? 1 : 0
                       let field = relation.Schema.Find(column.Names[skip])
                       where field is not null
                       orderby skip descending
                       select (relation, skip, field)).ToList();
        // A relation's name wins over a column of that name.
        var best = matches.Where(match => match.skip == matches[0].skip).ToList();
        if (best.Count == 0)
            throw new ExpressionException(column.Position, $"found column '{column}', which does not exist; expected one of {string.Join(", ", Known())}");
        if (best.Count > 1)
            throw new ExpressionException(column.Position, $"found column '{column}', which {string.Join(" and ", best.Select(match => $"'{match.relation.Name}'"))} have; expected the name of one of them before it");

        var (found, at, current) = best[0];
        List<SchemaField> path = [current];
        for (at++; at < column.Names.Count && path[^1].Type is StructType inner; at++)
            path.Add(inner.Find(column.Names[at]) ?? throw new ExpressionException(column.Position, $"found field '{column.Names[at]}' of '{column}', which does not exist; expected one of {string.Join(", ", inner.Fields.Select(item => item.Name))}"));
        rest = [.. column.Names.Skip(at)];
        return column with { Names = [.. path.Select(item => item.Name)], Relation = found.Name, Path = path, Type = path[^1].Type };
    }

    private IEnumerable<string> Known() => _relations.SelectMany(relation => relation.Schema.Fields.Select(field => relation.Name.Length > 0 ? $"{relation.Name}.{field.Name}" : field.Name));
}
