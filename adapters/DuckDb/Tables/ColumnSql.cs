using System.Globalization;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>Types and values of Delta columns in DuckDB's SQL.</summary>
internal static class ColumnSql
{
    /// <summary>The DuckDB type of a column as its reader sees it: logical names.</summary>
    public static string TypeOf(DeltaType type) => TypeOf(type, new FileNames(null));

    /// <summary>The DuckDB type of a column as the file holds it: the file's names, without what no file holds.</summary>
    public static string StoredTypeOf(DeltaType type, FileNames names) => TypeOf(type, names);

    /// <summary>Whether a file can hold anything of a type.</summary>
    public static bool IsStored(DeltaType type) => type switch
    {
        { Kind: DeltaTypeKind.Void } => false,
        StructType structure => structure.Fields.Any(field => IsStored(field.Type)),
        ArrayType array => IsStored(array.ElementType),
        MapType map => IsStored(map.KeyType) && IsStored(map.ValueType),
        _ => true,
    };

    /// <summary>Whether a type is or contains one of a kind.</summary>
    public static bool Holds(DeltaType type, DeltaTypeKind kind) => type.Kind == kind || type switch
    {
        StructType structure => structure.Fields.Any(field => Holds(field.Type, kind)),
        ArrayType array => Holds(array.ElementType, kind),
        MapType map => Holds(map.KeyType, kind) || Holds(map.ValueType, kind),
        _ => false,
    };

    /// <summary>
    /// A stored value under its logical names. Structs are put together anew where a name differs or a field is in no file; anything
    /// else is given back as it is.
    /// </summary>
    public static string Logical(string value, DeltaType type, FileNames names, int depth = 0)
    {
        if (!Differs(type, names))
            return value;
        var item = string.Create(CultureInfo.InvariantCulture, $"x{depth}");
        switch (type)
        {
            case StructType structure:
                var fields = structure.Fields.Select(field => $"{SqlText.Identifier(field.Name)} := {FieldOf(value, field, names, depth)}");
                return $"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({string.Join(", ", fields)}) END";
            case ArrayType array:
                return $"list_transform({value}, lambda {item}: {Logical(item, array.ElementType, names, depth + 1)})";
            case MapType map:
                var keys = $"list_transform(map_keys({value}), lambda {item}: {Logical(item, map.KeyType, names, depth + 1)})";
                var values = $"list_transform(map_values({value}), lambda {item}: {Logical(item, map.ValueType, names, depth + 1)})";
                return $"CASE WHEN {value} IS NULL THEN NULL ELSE map({keys}, {values}) END";
            default:
                return NullOf(type);
        }
    }

    public static string NullOf(DeltaType type) => $"CAST(NULL AS {TypeOf(type)})";

    private static string FieldOf(string value, SchemaField field, FileNames names, int depth) =>
        IsStored(field.Type) ? Logical($"{value}.{SqlText.Identifier(names.Of(field))}", field.Type, names, depth) : NullOf(field.Type);

    private static bool Differs(DeltaType type, FileNames names) => type switch
    {
        { Kind: DeltaTypeKind.Void } => true,
        StructType structure => structure.Fields.Any(field => names.Of(field) != field.Name || Differs(field.Type, names)),
        ArrayType array => Differs(array.ElementType, names),
        MapType map => Differs(map.KeyType, names) || Differs(map.ValueType, names),
        _ => false,
    };

    private static string TypeOf(DeltaType type, FileNames names) => type switch
    {
        DecimalType(var precision, var scale) => string.Create(CultureInfo.InvariantCulture, $"DECIMAL({precision},{scale})"),
        StructType structure => $"STRUCT({string.Join(", ", structure.Fields.Where(field => names.IsLogical || IsStored(field.Type)).Select(field => $"{SqlText.Identifier(names.Of(field))} {TypeOf(field.Type, names)}"))})",
        ArrayType array => $"{TypeOf(array.ElementType, names)}[]",
        MapType map => $"MAP({TypeOf(map.KeyType, names)}, {TypeOf(map.ValueType, names)})",
        _ => type.Kind switch
        {
            DeltaTypeKind.Boolean => "BOOLEAN",
            DeltaTypeKind.Byte => "TINYINT",
            DeltaTypeKind.Short => "SMALLINT",
            DeltaTypeKind.Integer or DeltaTypeKind.Void => "INTEGER",
            DeltaTypeKind.Long => "BIGINT",
            DeltaTypeKind.Float => "FLOAT",
            DeltaTypeKind.Double => "DOUBLE",
            DeltaTypeKind.String => "VARCHAR",
            DeltaTypeKind.Binary => "BLOB",
            DeltaTypeKind.Date => "DATE",
            DeltaTypeKind.Timestamp => "TIMESTAMPTZ",
            DeltaTypeKind.TimestampNtz => "TIMESTAMP",
            _ => throw new DuckDbFaultException($"type {type} cannot be read; expected a type of the Delta protocol other than variant; use an engine that supports it."),
        },
    };
}
