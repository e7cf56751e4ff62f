using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Between the schema of a table and the flat rows of contracts and batches.</summary>
public static class FlatRows
{
    /// <summary>A table's schema for rows.</summary>
    public static StructType ToStruct(RowSchema schema) => new([.. schema.Fields.Select(field => new SchemaField(field.Name, TypeOf(field), field.Nullable))]);

    /// <summary>Rows of a table's schema; throws where a column is of a type that a flat row cannot hold.</summary>
    public static RowSchema ToRows(string table, StructType schema) => new([.. schema.Fields.Select(field => FieldOf(table, field))]);

    private static Field FieldOf(string table, SchemaField field)
    {
        if (field.Type is DecimalType(var precision, var scale))
            return new Field(field.Name, FieldType.Decimal, field.Nullable) { Precision = precision, Scale = scale };
        return new Field(field.Name, field.Type.Kind switch
        {
            DeltaTypeKind.String => FieldType.String,
            DeltaTypeKind.Long => FieldType.Int64,
            DeltaTypeKind.Integer or DeltaTypeKind.Short or DeltaTypeKind.Byte => FieldType.Int32,
            DeltaTypeKind.Float => FieldType.Float32,
            DeltaTypeKind.Double => FieldType.Float64,
            DeltaTypeKind.Boolean => FieldType.Boolean,
            DeltaTypeKind.Binary => FieldType.Bytes,
            DeltaTypeKind.Date => FieldType.Date,
            DeltaTypeKind.Timestamp => FieldType.Timestamp,
            _ => throw new DeltaException(table, $"column '{field.Name}' is of type {field.Type}; expected string, long, integer, short, byte, float, double, decimal, boolean, binary, date or timestamp, which a flat row can hold; select other columns or read Arrow batches."),
        }, field.Nullable);
    }

    private static DeltaType TypeOf(Field field) => field.Type switch
    {
        FieldType.Boolean => PrimitiveType.Boolean,
        FieldType.Int32 => PrimitiveType.Integer,
        FieldType.Int64 => PrimitiveType.Long,
        FieldType.Float32 => PrimitiveType.Float,
        FieldType.Float64 => PrimitiveType.Double,
        FieldType.String => PrimitiveType.String,
        FieldType.Bytes => PrimitiveType.Binary,
        FieldType.Date => PrimitiveType.Date,
        FieldType.Timestamp => PrimitiveType.Timestamp,
        _ => new DecimalType(field.Precision, field.Scale),
    };
}
