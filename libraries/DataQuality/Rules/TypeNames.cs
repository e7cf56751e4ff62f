using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>Type names as suites write them for pandas, Spark and SQL, and what they mean for a contract.</summary>
internal static class TypeNames
{
    private static readonly FieldType[] Integers = [FieldType.Int32, FieldType.Int64];
    private static readonly FieldType[] Floats = [FieldType.Float32, FieldType.Float64];

    public static IReadOnlyList<FieldType> Find(string name) => name.ToLowerInvariant() switch
    {
        "int" => Integers,
        "int32" or "integer" or "integertype" => [FieldType.Int32],
        "int64" or "long" or "bigint" or "longtype" => [FieldType.Int64],
        "float" => Floats,
        "float32" or "real" or "floattype" => [FieldType.Float32],
        "float64" or "double" or "doubletype" => [FieldType.Float64],
        "str" or "string" or "varchar" or "text" or "stringtype" or "object" => [FieldType.String],
        "bool" or "boolean" or "booleantype" => [FieldType.Boolean],
        "bytes" or "binary" or "binarytype" => [FieldType.Bytes],
        "date" or "datetype" => [FieldType.Date],
        "timestamp" or "datetime" or "datetime64" or "timestamptype" => [FieldType.Timestamp],
        "decimal" or "numeric" or "decimaltype" => [FieldType.Decimal],
        _ => [],
    };
}
