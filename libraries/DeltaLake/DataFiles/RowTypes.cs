using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Which columns of rows may be written into which columns of a table: equal types, and those that hold every value.</summary>
internal static class RowTypes
{
    public static bool Fits(Field rows, DeltaType type) => type.Kind switch
    {
        DeltaTypeKind.Boolean => rows.Type == FieldType.Boolean,
        // The writer checks the range of every value.
        DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long => rows.Type is FieldType.Int32 or FieldType.Int64,
        DeltaTypeKind.Float => rows.Type == FieldType.Float32,
        DeltaTypeKind.Double => rows.Type is FieldType.Float32 or FieldType.Float64,
        DeltaTypeKind.String => rows.Type == FieldType.String,
        DeltaTypeKind.Binary => rows.Type == FieldType.Bytes,
        DeltaTypeKind.Date => rows.Type == FieldType.Date,
        DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz => rows.Type == FieldType.Timestamp,
        DeltaTypeKind.Decimal => rows.Type == FieldType.Decimal,
        _ => false,
    };

    /// <summary>The rows' column for a field of the table, by name; case matters only where two names differ by nothing else.</summary>
    public static Column? Find(ColumnBatch rows, string name)
    {
        if (rows.Find(name) is { } exact)
            return exact;
        foreach (var column in rows.Columns)
        {
            if (string.Equals(column.Field.Name, name, StringComparison.OrdinalIgnoreCase))
                return column;
        }

        return null;
    }
}
