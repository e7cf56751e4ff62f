using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>How a value is carried between nodes.</summary>
internal enum NodeKind
{
    Boolean,
    Long,
    Double,
    Text,
    Bytes,
}

internal static class NodeTypes
{
    public static bool IsInteger(FieldType type) => type is FieldType.Int32 or FieldType.Int64;

    public static bool IsNumeric(FieldType type) => IsInteger(type) || type is FieldType.Float32 or FieldType.Float64 or FieldType.Decimal;

    public static NodeKind KindOf(FieldType type) => type switch
    {
        FieldType.Boolean => NodeKind.Boolean,
        FieldType.Int32 or FieldType.Int64 or FieldType.Date or FieldType.Timestamp => NodeKind.Long,
        FieldType.Float32 or FieldType.Float64 or FieldType.Decimal => NodeKind.Double,
        FieldType.String => NodeKind.Text,
        _ => NodeKind.Bytes,
    };

    /// <summary>The kind in which two nodes that were made alike are compared; a NULL literal has the other's.</summary>
    public static NodeKind KindOf(Node left, Node right)
    {
        if (left is NullNode)
            return KindOf(right.Type);
        if (right is NullNode)
            return KindOf(left.Type);
        var a = KindOf(left.Type);
        var b = KindOf(right.Type);
        return a == NodeKind.Double || b == NodeKind.Double ? NodeKind.Double : a;
    }

    /// <summary>The name by which SQL users know a type.</summary>
    public static string NameOf(FieldType type) => type switch
    {
        FieldType.Boolean => "boolean",
        FieldType.Int32 => "int",
        FieldType.Int64 => "bigint",
        FieldType.Float32 => "float",
        FieldType.Float64 => "double",
        FieldType.String => "varchar",
        FieldType.Bytes => "bytes",
        FieldType.Date => "date",
        FieldType.Timestamp => "timestamp",
        _ => "decimal",
    };
}
