using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Gives fields the ids and physical names of column mapping (PROTOCOL.md, "Column Mapping").</summary>
internal static class ColumnMapping
{
    /// <summary>True where columns are found by physical name or id.</summary>
    public static bool IsOn(IReadOnlyDictionary<string, string?> configuration) => TableProperties.Text(configuration, TableProperties.ColumnMappingMode) is "name" or "id";

    /// <summary>
    /// Completes a schema: a field without an id gets the next one, a field without a physical name a new one, or its own where
    /// <paramref name="keepNames"/> says that data files exist which have that name. Gives the highest id.
    /// </summary>
    public static (StructType Schema, long MaxId) Complete(StructType schema, long maxId, bool keepNames, Func<Guid> newId)
    {
        var highest = Math.Max(maxId, SchemaWalk.Fields(schema).Max(item => (long?)item.FieldId) ?? 0);
        var completed = SchemaWalk.Map(schema, item =>
        {
            var metadata = item.Metadata.ToDictionary(StringComparer.Ordinal);
            if (item.FieldId is null)
                metadata[SchemaField.IdKey] = JsonSerializer.SerializeToElement(++highest);
            if (item.Text(SchemaField.PhysicalNameKey) is null)
                metadata[SchemaField.PhysicalNameKey] = JsonSerializer.SerializeToElement(keepNames ? item.Name : "col-" + newId().ToString());
            return metadata.Count == item.Metadata.Count ? item : item with { Metadata = metadata };
        });
        return (completed, highest);
    }

    /// <summary>
    /// Gives the fields of a schema from before column mapping the physical names that their files have, which are their own, and the
    /// ids that the same columns have in <paramref name="mapped"/>; a column that is no longer there has none yet.
    /// </summary>
    public static StructType Adopt(StructType schema, StructType mapped) => new([.. schema.Fields.Select(item =>
    {
        var now = mapped.Fields.FirstOrDefault(field => field.PhysicalName == item.Name);
        var metadata = item.Metadata.ToDictionary(StringComparer.Ordinal);
        metadata[SchemaField.PhysicalNameKey] = JsonSerializer.SerializeToElement(item.Name);
        if (now?.FieldId is { } id)
            metadata[SchemaField.IdKey] = JsonSerializer.SerializeToElement(id);
        return item with { Metadata = metadata, Type = Adopt(item.Type, now?.Type) };
    })]);

    private static DeltaType Adopt(DeltaType type, DeltaType? mapped) => type switch
    {
        StructType structure => Adopt(structure, mapped as StructType ?? new StructType([])),
        ArrayType array => array with { ElementType = Adopt(array.ElementType, (mapped as ArrayType)?.ElementType) },
        MapType map => map with { KeyType = Adopt(map.KeyType, (mapped as MapType)?.KeyType), ValueType = Adopt(map.ValueType, (mapped as MapType)?.ValueType) },
        _ => type,
    };

    /// <summary>Throws where a change of the mode would make data files unreadable.</summary>
    public static void CheckChange(string table, string? from, string? to, bool isNew)
    {
        from ??= "none";
        to ??= "none";
        if (from == to || (isNew && to is "none" or "name" or "id") || (from == "none" && to == "name"))
            return;
        throw new DeltaException(table, string.Create(CultureInfo.InvariantCulture, $"property '{TableProperties.ColumnMappingMode}' is '{from}' and was to become '{to}'; expected only none to name on an existing table; write a new table."));
    }
}
