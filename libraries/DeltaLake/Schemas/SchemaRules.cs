using System.Buffers;

namespace RealTimeMesh.DeltaLake;

/// <summary>Faults of names and types that no Delta table may have.</summary>
internal static class SchemaRules
{
    private static readonly SearchValues<char> s_forbidden = SearchValues.Create(" ,;{}()\n\t=");

    /// <summary>Throws where the schema or the partition columns are not allowed; <paramref name="columnMapping"/> allows any characters in names.</summary>
    public static void Check(string table, StructType schema, IReadOnlyList<string> partitionColumns, bool columnMapping)
    {
        CheckStruct(table, schema, "", columnMapping);
        foreach (var column in partitionColumns)
        {
            if (schema.Find(column) is not { } field)
                throw new DeltaException(table, $"partition column '{column}' is not in the schema; expected one of {string.Join(", ", schema.Fields.Select(item => item.Name))}.");
            if (!field.Type.IsPrimitive || field.Type.Kind is DeltaTypeKind.Void or DeltaTypeKind.Variant)
                throw new DeltaException(table, $"partition column '{column}' is of type {field.Type}; expected a primitive type with values.");
        }

        if (schema.Fields.Count == partitionColumns.Count)
            throw new DeltaException(table, "every column is a partition column; expected at least one other.");
    }

    /// <summary>Throws where names of rows differ only in case: they would be one column of the table.</summary>
    public static void CheckRows(string table, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            if (!seen.Add(name))
                throw new DeltaException(table, $"column '{name}' of the rows stands twice; expected names that differ by more than case, since columns are found whatever their case; rename one.");
        }
    }

    /// <summary>Partition columns as the schema spells them, which is how other readers look for them.</summary>
    public static IReadOnlyList<string> Spelled(StructType schema, IReadOnlyList<string> partitionColumns) => [.. partitionColumns.Select(name => schema.Find(name)?.Name ?? name)];

    private static void CheckStruct(string table, StructType schema, string prefix, bool columnMapping)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in schema.Fields)
        {
            var path = prefix + field.Name;
            if (!names.Add(field.Name))
                throw new DeltaException(table, $"column '{path}' stands twice; expected names that differ by more than case; rename one.");
            if (field.Name.Length == 0 || (!columnMapping && field.Name.AsSpan().IndexOfAny(s_forbidden) >= 0))
                throw new DeltaException(table, $"column name '{path}' is empty or has a character of ' ,;{{}}()\\n\\t='; expected none of them; rename the column or set delta.columnMapping.mode=name.");
            CheckType(table, field.Type, path, columnMapping);
        }
    }

    private static void CheckType(string table, DeltaType type, string path, bool columnMapping)
    {
        switch (type)
        {
            case DecimalType(var precision, var scale) when precision is < 1 or > 38 || scale < 0 || scale > precision:
                throw new DeltaException(table, $"column '{path}' is {type}; expected precision 1 to 38 and scale 0 to the precision.");
            case StructType structure:
                CheckStruct(table, structure, path + ".", columnMapping);
                break;
            case ArrayType array:
                CheckType(table, array.ElementType, path + ".element", columnMapping);
                break;
            case MapType map:
                CheckType(table, map.KeyType, path + ".key", columnMapping);
                CheckType(table, map.ValueType, path + ".value", columnMapping);
                break;
            default:
                break;
        }
    }
}
