namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Functions of arrays and maps: flat rows have none, so only engines evaluate them.</summary>
internal static class NestedFunctions
{
    /// <summary>Whether an array has a null among its elements; no name a user would write.</summary>
    public const string HasNull = "array_has_null";

    public static IReadOnlyList<SparkFunction> All { get; } =
    [
        new("size", 1, 1, call => Nested(call) with { Type = PrimitiveType.Integer }, null),
        new(HasNull, 1, 1, call => Nested(call) with { Type = PrimitiveType.Boolean }, null),
        new("array_contains", 2, 2, Contains, null),
        new("element_at", 2, 2, Element, null),
        new("map_keys", 1, 1, call => call with { Type = new ArrayType(Map(call).KeyType, false) }, null),
        new("map_values", 1, 1, call => call with { Type = new ArrayType(Map(call).ValueType, Map(call).ValueContainsNull) }, null),
        new("map_contains_key", 2, 2, call => call with { Arguments = [call.Arguments[0], Signatures.Argument(call, call.Arguments[1], Map(call).KeyType)], Type = PrimitiveType.Boolean }, null),
    ];

    private static FunctionCall Nested(FunctionCall call) => call.Arguments[0].Type is ArrayType or MapType ? call : throw Signatures.Fault(call, "an array or a map");

    private static MapType Map(FunctionCall call) => call.Arguments[0].Type as MapType ?? throw Signatures.Fault(call, "a map");

    private static FunctionCall Contains(FunctionCall call)
    {
        var array = call.Arguments[0].Type as ArrayType ?? throw Signatures.Fault(call, "an array and a value");
        return call with { Arguments = [call.Arguments[0], Signatures.Argument(call, call.Arguments[1], array.ElementType)], Type = PrimitiveType.Boolean };
    }

    private static FunctionCall Element(FunctionCall call) => call.Arguments[0].Type switch
    {
        ArrayType array => call with { Arguments = [call.Arguments[0], Signatures.Argument(call, call.Arguments[1], PrimitiveType.Integer)], Type = array.ElementType },
        MapType map => call with { Arguments = [call.Arguments[0], Signatures.Argument(call, call.Arguments[1], map.KeyType)], Type = map.ValueType },
        _ => throw Signatures.Fault(call, "an array or a map"),
    };
}
