using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Explicit changes of a schema. Each gives the changed schema or throws, naming the column.</summary>
public static class SchemaEvolution
{
    /// <summary>Appends a nullable column; <paramref name="parent"/> is the path of a struct (<c>a.b</c>, elements of arrays by <c>a.element</c>), null for the top.</summary>
    public static StructType AddColumn(string table, StructType schema, string? parent, SchemaField added)
    {
        if (!added.Nullable)
            throw new DeltaException(table, $"column '{added.Name}' was to be added as NOT NULL; expected nullable: rows before have no value; add it nullable.");
        return Change(table, schema, parent, structure => structure.Find(added.Name) is null
            ? new StructType([.. structure.Fields, added])
            : throw new DeltaException(table, $"column '{added.Name}' exists already; expected a new name."));
    }

    /// <summary>Renames a column; data files keep its physical name, so column mapping must be on.</summary>
    public static StructType RenameColumn(string table, StructType schema, bool columnMapping, string path, string newName)
    {
        RequireMapping(table, columnMapping, $"column '{path}' was to be renamed");
        return ChangeField(table, schema, path, (siblings, item) => siblings.Find(newName) is { } other && other.Name != item.Name
            ? throw new DeltaException(table, $"column '{newName}' exists already; expected a new name for '{path}'.")
            : item with { Name = newName });
    }

    /// <summary>Drops a column; data files keep its values, so column mapping must be on.</summary>
    public static StructType DropColumn(string table, StructType schema, bool columnMapping, string path)
    {
        RequireMapping(table, columnMapping, $"column '{path}' was to be dropped");
        return ChangeField(table, schema, path, (siblings, _) => siblings.Fields.Count == 1 ? throw new DeltaException(table, $"column '{path}' is the last of its struct; expected another to stay.") : null);
    }

    /// <summary>Whether a column of one type may become one of the other by <see cref="WidenColumn"/>.</summary>
    public static bool CanWiden(DeltaType from, DeltaType to) => TypeChanges.IsWidening(from, to);

    /// <summary>Widens a type, recording the change (<c>delta.typeChanges</c>) where feature typeWidening asks for it.</summary>
    public static StructType WidenColumn(string table, StructType schema, string path, DeltaType to) => ChangeField(table, schema, path, (_, item) =>
    {
        if (!TypeChanges.IsWidening(item.Type, to))
            throw new DeltaException(table, $"column '{path}' is {item.Type} and was to become {to}; expected a wider type: {TypeChanges.Describe(item.Type)}.");
        return item with { Type = to, Metadata = TypeChanges.Record(item, to) };
    });

    /// <summary>Lets a column hold null.</summary>
    public static StructType DropNotNull(string table, StructType schema, string path) => ChangeField(table, schema, path, (_, item) => item with { Nullable = true });

    /// <summary>Sets or (null) removes the comment of a column.</summary>
    public static StructType Comment(string table, StructType schema, string path, string? comment) => ChangeField(table, schema, path, (_, item) =>
    {
        var metadata = item.Metadata.ToDictionary(StringComparer.Ordinal);
        if (comment is null)
            metadata.Remove("comment");
        else
            metadata["comment"] = JsonSerializer.SerializeToElement(comment);
        return item with { Metadata = metadata };
    });

    /// <summary>
    /// The table's schema with the columns that <paramref name="incoming"/> has more, nested ones too, as nullable. Throws where a common column has another
    /// type: values are never cast silently.
    /// </summary>
    public static StructType Merge(string table, StructType schema, StructType incoming) => MergeStruct(table, "", schema, incoming);

    private static StructType MergeStruct(string table, string prefix, StructType schema, StructType incoming)
    {
        var fields = schema.Fields.Select(item => incoming.Find(item.Name) is { } other
            ? item with { Type = MergeType(table, prefix + item.Name, item.Type, other.Type), Nullable = item.Nullable }
            : item).ToList();
        fields.AddRange(incoming.Fields.Where(item => schema.Find(item.Name) is null).Select(item => new SchemaField(item.Name, item.Type, true)));
        return new StructType(fields);
    }

    private static DeltaType MergeType(string table, string path, DeltaType type, DeltaType incoming) => (type, incoming) switch
    {
        (StructType own, StructType other) => MergeStruct(table, path + ".", own, other),
        (ArrayType own, ArrayType other) => own with { ElementType = MergeType(table, path + ".element", own.ElementType, other.ElementType) },
        (MapType own, MapType other) => own with { KeyType = MergeType(table, path + ".key", own.KeyType, other.KeyType), ValueType = MergeType(table, path + ".value", own.ValueType, other.ValueType) },
        _ when type == incoming => type,
        _ => throw new DeltaException(table, $"column '{path}' is {type}, the rows to write have {incoming}; expected the same type; cast the rows, or widen the column first."),
    };

    private static void RequireMapping(string table, bool columnMapping, string what)
    {
        if (!columnMapping)
            throw new DeltaException(table, $"{what}; expected a table with column mapping, whose data files need not change; set {TableProperties.ColumnMappingMode}=name first.");
    }

    private static StructType ChangeField(string table, StructType schema, string path, Func<StructType, SchemaField, SchemaField?> change)
    {
        var at = path.LastIndexOf('.');
        // A name may hold a dot itself: the whole is tried first.
        var (parent, name) = schema.Find(path) is not null || at < 0 ? (null, path) : (path[..at], path[(at + 1)..]);
        return Change(table, schema, parent, structure =>
        {
            var index = structure.IndexOf(name);
            if (index < 0)
                throw new DeltaException(table, $"column '{path}' is not in the schema; expected one of {string.Join(", ", structure.Fields.Select(item => item.Name))}.");
            var changed = change(structure, structure.Fields[index]);
            return new StructType([.. structure.Fields.Take(index), .. changed is null ? [] : new[] { changed }, .. structure.Fields.Skip(index + 1)]);
        });
    }

    private static StructType Change(string table, StructType schema, string? parent, Func<StructType, StructType> change) =>
        parent is null ? change(schema) : (StructType)Descend(table, schema, parent.Split('.'), 0, change);

    private static DeltaType Descend(string table, DeltaType type, string[] path, int at, Func<StructType, StructType> change)
    {
        if (at == path.Length)
            return type is StructType structure ? change(structure) : throw new DeltaException(table, $"column '{string.Join('.', path)}' is {type}; expected a struct.");
        switch (type, path[at])
        {
            case (ArrayType array, "element"):
                return array with { ElementType = Descend(table, array.ElementType, path, at + 1, change) };
            case (MapType map, "key"):
                return map with { KeyType = Descend(table, map.KeyType, path, at + 1, change) };
            case (MapType map, "value"):
                return map with { ValueType = Descend(table, map.ValueType, path, at + 1, change) };
            case (StructType structure, var name) when structure.IndexOf(name) is >= 0 and var index:
                var item = structure.Fields[index];
                var replaced = item with { Type = Descend(table, item.Type, path, at + 1, change) };
                return new StructType([.. structure.Fields.Take(index), replaced, .. structure.Fields.Skip(index + 1)]);
            default:
                throw new DeltaException(table, string.Create(CultureInfo.InvariantCulture, $"column '{string.Join('.', path[..(at + 1)])}' is not in the schema; expected a path of existing columns."));
        }
    }
}
