namespace RealTimeMesh.DeltaLake;

/// <summary>Visits a schema with everything nested in it.</summary>
internal static class SchemaWalk
{
    /// <summary>Every field of every struct, parents before children.</summary>
    public static IEnumerable<SchemaField> Fields(DeltaType type)
    {
        foreach (var part in Types(type))
        {
            if (part is not StructType structure)
                continue;
            foreach (var item in structure.Fields)
                yield return item;
        }
    }

    /// <summary>The type itself and every type in it.</summary>
    public static IEnumerable<DeltaType> Types(DeltaType type)
    {
        yield return type;
        IEnumerable<DeltaType> parts = type switch
        {
            StructType structure => structure.Fields.Select(item => item.Type),
            ArrayType array => [array.ElementType],
            MapType map => [map.KeyType, map.ValueType],
            _ => [],
        };
        foreach (var part in parts.SelectMany(Types))
            yield return part;
    }

    /// <summary>The same schema with every field replaced, children first.</summary>
    public static StructType Map(StructType schema, Func<SchemaField, SchemaField> replace) =>
        new([.. schema.Fields.Select(item => replace(item with { Type = MapType(item.Type, replace) }))]);

    private static DeltaType MapType(DeltaType type, Func<SchemaField, SchemaField> replace) => type switch
    {
        StructType structure => Map(structure, replace),
        ArrayType array => array with { ElementType = MapType(array.ElementType, replace) },
        MapType map => map with { KeyType = MapType(map.KeyType, replace), ValueType = MapType(map.ValueType, replace) },
        _ => type,
    };
}
