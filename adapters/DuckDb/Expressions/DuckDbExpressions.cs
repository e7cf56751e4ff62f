using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Expressions;

/// <summary>
/// Resolved expressions of Spark SQL in DuckDB's SQL, with Spark's meaning: types, truncation, null rules, time zone UTC (which
/// sessions of this adapter are in). What has no counterpart is refused by name.
/// </summary>
public static class DuckDbExpressions
{
    /// <summary>The expression with columns as <c>"name"</c>, or <c>"relation"."name"</c> in a scope of several relations.</summary>
    public static string ToSql(DeltaExpression expression) => new Renderer(ColumnOf).Render(expression);

    /// <summary>The expression with columns as <paramref name="column"/> writes them; it gets the whole path.</summary>
    public static string ToSql(DeltaExpression expression, Func<ColumnReference, string> column) => new Renderer(column).Render(expression);

    /// <summary>The type that holds a column of a Delta table.</summary>
    public static string TypeOf(DeltaType type) => type switch
    {
        StructType structure => $"STRUCT({string.Join(", ", structure.Fields.Select(field => $"{SqlText.Identifier(field.Name)} {TypeOf(field.Type)}"))})",
        ArrayType array => $"{TypeOf(array.ElementType)}[]",
        MapType map => $"MAP({TypeOf(map.KeyType)}, {TypeOf(map.ValueType)})",
        DecimalType(var precision, var scale) => $"DECIMAL({precision},{scale})",
        _ => type.Kind switch
        {
            DeltaTypeKind.Boolean => "BOOLEAN",
            DeltaTypeKind.Byte => "TINYINT",
            DeltaTypeKind.Short => "SMALLINT",
            DeltaTypeKind.Integer => "INTEGER",
            DeltaTypeKind.Long => "BIGINT",
            DeltaTypeKind.Float => "FLOAT",
            DeltaTypeKind.Double => "DOUBLE",
            DeltaTypeKind.String => "VARCHAR",
            DeltaTypeKind.Binary => "BLOB",
            DeltaTypeKind.Date => "DATE",
            DeltaTypeKind.Timestamp => "TIMESTAMPTZ",
            DeltaTypeKind.TimestampNtz => "TIMESTAMP",
            DeltaTypeKind.Void => "INTEGER",
            _ => throw new DuckDbFaultException($"type {type} has no DuckDB type; expected one of Delta's types without variants"),
        },
    };

    /// <summary>The path of a column as nested field accesses.</summary>
    public static string ColumnOf(ColumnReference column)
    {
        var name = SqlText.Identifier(column.Path[0].Name);
        var sql = column.Relation.Length > 0 ? $"{SqlText.Identifier(column.Relation)}.{name}" : name;
        return column.Path.Skip(1).Aggregate(sql, (inner, field) => $"struct_extract({inner}, {SqlText.Literal(field.Name)})");
    }
}
