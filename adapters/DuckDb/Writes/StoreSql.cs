using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Values on their way into a table: cast to the column's type, then under the names that data files use.</summary>
internal static class StoreSql
{
    /// <summary>A value as one of the column's type; fields of structs go by name. Whole numbers that do not fit are an error of DuckDB's.</summary>
    public static string Cast(string value, DeltaType from, DeltaType to, int depth = 0)
    {
        if (from == to || SameShape(from, to))
            return from == to && from.IsPrimitive ? value : $"CAST({value} AS {ColumnSql.TypeOf(to)})";
        var item = Item(depth);
        switch (from, to)
        {
            case (StructType source, StructType target):
                var fields = target.Fields.Select(field => $"{SqlText.Identifier(field.Name)} := {(source.Find(field.Name) is { } found
                    ? Cast($"struct_extract({value}, {SqlText.Literal(found.Name)})", found.Type, field.Type, depth)
                    : ColumnSql.NullOf(field.Type))}");
                return $"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({string.Join(", ", fields)}) END";
            case (ArrayType source, ArrayType target):
                return $"list_transform({value}, lambda {item}: {Cast(item, source.ElementType, target.ElementType, depth + 1)})";
            case (MapType source, MapType target):
                return Map(value, item, x => Cast(x, source.KeyType, target.KeyType, depth + 1), x => Cast(x, source.ValueType, target.ValueType, depth + 1));
            default:
                return $"CAST({value} AS {ColumnSql.TypeOf(to)})";
        }
    }

    /// <summary>A value with the names that files use for its nested fields, without what no file holds.</summary>
    public static string Physical(string value, DeltaType type, int depth = 0)
    {
        if (!Differs(type))
            return value;
        var item = Item(depth);
        switch (type)
        {
            case StructType structure:
                var fields = structure.Fields.Where(field => ColumnSql.IsStored(field.Type))
                    .Select(field => $"{SqlText.Identifier(field.PhysicalName)} := {Physical($"struct_extract({value}, {SqlText.Literal(field.Name)})", field.Type, depth)}");
                return $"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({string.Join(", ", fields)}) END";
            case ArrayType array:
                return $"list_transform({value}, lambda {item}: {Physical(item, array.ElementType, depth + 1)})";
            case MapType map:
                return Map(value, item, x => Physical(x, map.KeyType, depth + 1), x => Physical(x, map.ValueType, depth + 1));
            default:
                return value;
        }
    }

    /// <summary>The log's text of a partition value; the empty text is null there (PROTOCOL.md, "Partition Value Serialization").</summary>
    public static string PartitionText(string value, DeltaType type) => type.Kind switch
    {
        DeltaTypeKind.String => $"nullif({value}, '')",
        DeltaTypeKind.Binary => $"nullif(decode({value}), '')",
        DeltaTypeKind.Timestamp => $"strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ')",
        DeltaTypeKind.TimestampNtz => $"strftime({value}, '%Y-%m-%d %H:%M:%S.%f')",
        DeltaTypeKind.Float or DeltaTypeKind.Double => $"replace(replace(CAST({value} AS VARCHAR), 'inf', 'Infinity'), 'nan', 'NaN')",
        _ => $"CAST({value} AS VARCHAR)",
    };

    /// <summary>The <c>FIELD_IDS</c> of a COPY: the ids that column mapping gave, nested too; null where there are none.</summary>
    public static string? FieldIds(IEnumerable<SchemaField> fields)
    {
        var parts = fields.Where(field => ColumnSql.IsStored(field.Type)).Select(field => Ids(field.PhysicalName, field.FieldId, field.Type)).OfType<string>().ToList();
        return parts.Count == 0 ? null : $"{{{string.Join(", ", parts)}}}";
    }

    private static string? Ids(string name, int? id, DeltaType type)
    {
        List<string> parts = [];
        if (id is { } number)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"__duckdb_field_id: {number}"));
        switch (type)
        {
            case StructType structure:
                parts.AddRange(structure.Fields.Where(field => ColumnSql.IsStored(field.Type)).Select(field => Ids(field.PhysicalName, field.FieldId, field.Type)).OfType<string>());
                break;
            case ArrayType array when Ids("element", null, array.ElementType) is { } element:
                parts.Add(element);
                break;
            case MapType map:
                parts.AddRange(new[] { Ids("key", null, map.KeyType), Ids("value", null, map.ValueType) }.OfType<string>());
                break;
            default:
                break;
        }

        return parts.Count == 0 ? null : $"{SqlText.Identifier(name)}: {{{string.Join(", ", parts)}}}";
    }

    private static string Map(string value, string item, Func<string, string> key, Func<string, string> content) =>
        $"CASE WHEN {value} IS NULL THEN NULL ELSE map(list_transform(map_keys({value}), lambda {item}: {key(item)}), list_transform(map_values({value}), lambda {item}: {content(item)})) END";

    private static string Item(int depth) => string.Create(CultureInfo.InvariantCulture, $"y{depth}");

    /// <summary>Nested types whose fields have the same names in the same order: DuckDB casts them as a whole.</summary>
    private static bool SameShape(DeltaType from, DeltaType to) => (from, to) switch
    {
        (StructType a, StructType b) => a.Fields.Count == b.Fields.Count && a.Fields.Zip(b.Fields).All(pair => pair.First.Name == pair.Second.Name && SameShape(pair.First.Type, pair.Second.Type)),
        (ArrayType a, ArrayType b) => SameShape(a.ElementType, b.ElementType),
        (MapType a, MapType b) => SameShape(a.KeyType, b.KeyType) && SameShape(a.ValueType, b.ValueType),
        _ => from.IsPrimitive && to.IsPrimitive,
    };

    private static bool Differs(DeltaType type) => type switch
    {
        StructType structure => structure.Fields.Any(field => field.PhysicalName != field.Name || field.Type.Kind == DeltaTypeKind.Void || Differs(field.Type)),
        ArrayType array => Differs(array.ElementType),
        MapType map => Differs(map.KeyType) || Differs(map.ValueType),
        _ => false,
    };
}
