using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>The schema of a <c>metaData</c> action as a reader may use it; what it cannot honour is refused by the feature's name.</summary>
internal static class ReadableSchema
{
    public static StructType Of(string table, MetadataAction metadata)
    {
        var mode = ModeOf(table, metadata.Configuration);
        return Struct(table, SchemaJson.Read(table, metadata.SchemaString), "", mode);
    }

    public static ColumnMappingMode ModeOf(string table, IReadOnlyDictionary<string, string?> configuration) => configuration.GetValueOrDefault(TableProperties.ColumnMappingMode)?.ToUpperInvariant() switch
    {
        null or "NONE" => ColumnMappingMode.None,
        "NAME" => ColumnMappingMode.Name,
        "ID" => ColumnMappingMode.Id,
        _ => throw new DeltaUnsupportedException(table, $"cannot be read: found {TableProperties.ColumnMappingMode}={configuration[TableProperties.ColumnMappingMode]} (feature columnMapping); expected none, name or id; use an engine that supports it."),
    };

    private static StructType Struct(string table, StructType type, string prefix, ColumnMappingMode mode) => new([.. type.Fields.Select(field => Field(table, field, prefix + field.Name, mode))]);

    private static SchemaField Field(string table, SchemaField field, string path, ColumnMappingMode mode)
    {
        CheckTypeChanges(table, field, path);
        if (mode != ColumnMappingMode.None && field.Text(SchemaField.PhysicalNameKey) is null)
            throw new DeltaException(table, $"column '{path}' has no {SchemaField.PhysicalNameKey}; expected one since {TableProperties.ColumnMappingMode} is {mode}; restore the table's metadata.");
        if (mode == ColumnMappingMode.Id && field.FieldId is null)
            throw new DeltaException(table, $"column '{path}' has no {SchemaField.IdKey}; expected one since {TableProperties.ColumnMappingMode} is {mode}; restore the table's metadata.");
        var read = field with { Type = Type(table, field.Type, path, mode) };
        // Ids and physical names that stay behind when the mapping is switched off mean nothing any more.
        return mode == ColumnMappingMode.None && (field.FieldId is not null || field.Text(SchemaField.PhysicalNameKey) is not null)
            ? read with { Metadata = field.Metadata.Where(item => item.Key is not (SchemaField.PhysicalNameKey or SchemaField.IdKey)).ToDictionary(StringComparer.Ordinal) }
            : read;
    }

    private static DeltaType Type(string table, DeltaType type, string path, ColumnMappingMode mode) => type switch
    {
        StructType structure => Struct(table, structure, path + ".", mode),
        ArrayType array => array with { ElementType = Type(table, array.ElementType, path + ".element", mode) },
        MapType map => map with { KeyType = Type(table, map.KeyType, path + ".key", mode), ValueType = Type(table, map.ValueType, path + ".value", mode) },
        { Kind: DeltaTypeKind.Variant } => throw new DeltaUnsupportedException(table, $"cannot be read: column '{path}' is of type variant (feature variantType); expected no variant columns; use an engine that supports it."),
        _ => type,
    };

    private static void CheckTypeChanges(string table, SchemaField field, string path)
    {
        if (!field.Metadata.TryGetValue(TypeChanges.MetadataKey, out var changes) || changes.ValueKind != JsonValueKind.Array)
            return;
        foreach (var change in changes.EnumerateArray())
        {
            var (from, to) = (TypeOf(change, "fromType"), TypeOf(change, "toType"));
            if (from is null || to is null || !TypeWidening.IsAllowed(from, to))
                throw new DeltaUnsupportedException(table, $"cannot be read: column '{path}' was changed by {change.GetRawText()} (feature typeWidening); expected a widening of the Delta protocol; use an engine that supports it.");
        }

        DeltaType? TypeOf(JsonElement change, string name)
        {
            try
            {
                return change.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? SchemaJson.ReadPrimitive(table, path, value.GetString()!) : null;
            }
            catch (DeltaException)
            {
                // A type of tomorrow: refused above as a change that is not known.
                return null;
            }
        }
    }
}
