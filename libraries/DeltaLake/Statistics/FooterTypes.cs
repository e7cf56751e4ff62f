using Parquet.Meta;

namespace RealTimeMesh.DeltaLake;

/// <summary>Whether a Parquet column is what a Delta type must be stored as (PROTOCOL.md, "Parquet" mapping).</summary>
internal static class FooterTypes
{
    /// <summary>Columns that are not what the field must be stored as; none where all are.</summary>
    public static IEnumerable<DeltaException> Faults(string table, string path, SchemaField field, FooterColumns column) => Faults(table, path, field.Name, field.Type, column);

    /// <summary>Under column mapping: every column has a physical name of the schema and the field's id, or no reader would find it.</summary>
    public static IEnumerable<DeltaException> MappingFaults(string table, string path, StructType schema, FooterColumns root)
    {
        var known = schema.Fields.ToDictionary(field => field.PhysicalName, StringComparer.Ordinal);
        foreach (var column in root.Children.Where(column => !column.Element.Name.StartsWith('_')))
        {
            if (!known.TryGetValue(column.Element.Name, out var field))
                yield return new DeltaException(table, $"file '{path}' has a column '{column.Element.Name}', which is no physical name of the table; expected {string.Join(", ", known.Keys)}: the table has column mapping.");
            else if (column.Element.FieldId != field.FieldId)
                yield return new DeltaException(table, $"file '{path}', column '{column.Element.Name}': found field id {column.Element.FieldId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}; expected {field.FieldId}: the table has column mapping.");
        }
    }

    private static IEnumerable<DeltaException> Faults(string table, string path, string name, DeltaType type, FooterColumns column) => type switch
    {
        StructType structure => structure.Fields.SelectMany(field => column.Find(field.PhysicalName) is { } child ? Faults(table, path, $"{name}.{field.Name}", field.Type, child) : []),
        ArrayType array => Inner(column, 0) is { } element ? Faults(table, path, $"{name}.element", array.ElementType, element) : [Wrong(table, path, name, column, "a list")],
        MapType map => Inner(column, 0) is { } key && Inner(column, 1) is { } value
            ? Faults(table, path, $"{name}.key", map.KeyType, key).Concat(Faults(table, path, $"{name}.value", map.ValueType, value))
            : [Wrong(table, path, name, column, "a map")],
        _ => Matches(type, column.Element) ? [] : [Wrong(table, path, name, column, Expected(type))],
    };

    /// <summary>Lists and maps have one repeated group between them and their parts.</summary>
    private static FooterColumns? Inner(FooterColumns column, int at) => column.Children.FirstOrDefault()?.Children.ElementAtOrDefault(at);

    private static bool Matches(DeltaType type, SchemaElement element) => type.Kind switch
    {
        DeltaTypeKind.Boolean => element.Type == Parquet.Meta.Type.BOOLEAN,
        DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer => element.Type == Parquet.Meta.Type.INT32 && element.LogicalType?.DATE is null && !IsUnsigned(element),
        DeltaTypeKind.Long => element.Type == Parquet.Meta.Type.INT64 && element.LogicalType?.TIMESTAMP is null && !IsUnsigned(element),
        DeltaTypeKind.Float => element.Type == Parquet.Meta.Type.FLOAT,
        DeltaTypeKind.Double => element.Type == Parquet.Meta.Type.DOUBLE,
        DeltaTypeKind.String or DeltaTypeKind.Binary => element.Type == Parquet.Meta.Type.BYTE_ARRAY,
        DeltaTypeKind.Date => element.Type == Parquet.Meta.Type.INT32 && (element.LogicalType?.DATE is not null || element.ConvertedType == ConvertedType.DATE),
        DeltaTypeKind.Timestamp => element.Type == Parquet.Meta.Type.INT64 && element.LogicalType?.TIMESTAMP is { IsAdjustedToUTC: true, Unit.MICROS: not null },
        DeltaTypeKind.TimestampNtz => element.Type == Parquet.Meta.Type.INT64 && element.LogicalType?.TIMESTAMP is { IsAdjustedToUTC: false, Unit.MICROS: not null },
        _ => type is DecimalType(var precision, var scale) && element.Precision == precision && (element.Scale ?? 0) == scale,
    };

    private static bool IsUnsigned(SchemaElement element) =>
        element.LogicalType?.INTEGER is { IsSigned: false } || element.ConvertedType is ConvertedType.UINT_8 or ConvertedType.UINT_16 or ConvertedType.UINT_32 or ConvertedType.UINT_64;

    private static string Expected(DeltaType type) => type.Kind switch
    {
        DeltaTypeKind.Boolean => "BOOLEAN",
        DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer => "INT32",
        DeltaTypeKind.Long => "INT64",
        DeltaTypeKind.Float => "FLOAT",
        DeltaTypeKind.Double => "DOUBLE",
        DeltaTypeKind.String or DeltaTypeKind.Binary => "BYTE_ARRAY",
        DeltaTypeKind.Date => "INT32 DATE",
        DeltaTypeKind.Timestamp => "INT64 TIMESTAMP in microseconds, adjusted to UTC (in DuckDB: TIMESTAMPTZ)",
        DeltaTypeKind.TimestampNtz => "INT64 TIMESTAMP in microseconds, not adjusted to UTC (in DuckDB: TIMESTAMP)",
        _ => type.SqlName.ToUpperInvariant(),
    };

    private static DeltaException Wrong(string table, string path, string name, FooterColumns column, string expected)
    {
        var element = column.Element;
        var adjusted = element.LogicalType?.TIMESTAMP is { } stamp ? $" TIMESTAMP adjusted to UTC: {stamp.IsAdjustedToUTC}" : "";
        return new DeltaException(table, $"file '{path}', column '{name}': found Parquet {element.Type?.ToString() ?? "group"} {element.ConvertedType}{adjusted}; expected {expected}; cast the column before it is written.");
    }
}
