namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>How functions are typed.</summary>
internal static class Signatures
{
    public static SparkFunction Coalesce { get; } = new("coalesce", 1, int.MaxValue, call => Same(call), (_, _, _) => throw new InvalidOperationException("the evaluator does this one itself"));

    /// <summary>Each argument is cast to its type; the last type stands for all that follow.</summary>
    public static Func<FunctionCall, FunctionCall> Of(DeltaType result, params DeltaType[] parameters) =>
        call => call with { Arguments = [.. call.Arguments.Select((argument, i) => Argument(call, argument, parameters[Math.Min(i, parameters.Length - 1)]))], Type = result };

    /// <summary>All arguments and the result are of one type.</summary>
    public static FunctionCall Same(FunctionCall call)
    {
        var common = call.Arguments.Skip(1).Aggregate(call.Arguments[0].Type, (type, argument) => type is null ? null : TypeRules.Common(type, argument.Type!))
            ?? throw Fault(call, "arguments of one type");
        return call with { Arguments = [.. call.Arguments.Select(argument => Argument(call, argument, common))], Type = common };
    }

    /// <summary>As <see cref="Same"/>, of values with an order.</summary>
    public static FunctionCall Ordered(FunctionCall call) => Same(call) is { } same && TypeRules.IsOrdered(same.Type!) ? same : throw Fault(call, "values with an order");

    /// <summary>One number, kept as it is; a text is read as a double.</summary>
    public static FunctionCall Number(FunctionCall call)
    {
        var argument = call.Arguments[0].Type!.Kind is DeltaTypeKind.String or DeltaTypeKind.Void ? Argument(call, call.Arguments[0], PrimitiveType.Double) : call.Arguments[0];
        return TypeRules.IsNumeric(argument.Type!) ? call with { Arguments = [argument, .. call.Arguments.Skip(1)], Type = argument.Type } : throw Fault(call, "a number");
    }

    public static DeltaExpression Argument(FunctionCall call, DeltaExpression argument, DeltaType type) =>
        Resolver.Coerce(argument, type) ?? throw Fault(call, $"an argument of type {type}");

    public static ExpressionException Fault(FunctionCall call, string expected) =>
        new(call.Position, $"found {call.Name}({string.Join(", ", call.Arguments.Select(argument => argument.Type))}); expected {expected}");
}
