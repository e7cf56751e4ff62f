using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads an aggregate of a view, such as <c>quantile(delay, 0.95)</c>.</summary>
public static class AggregateParser
{
    internal static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "count", "sum", "avg", "min", "max", "first", "last", "stddev", "quantile",
    };

    /// <summary>Compiles one entry of <c>select</c>. False where it is wrong; <paramref name="error"/> says where and why.</summary>
    public static bool TryCompile(
        string name, string text, RowSchema schema, [NotNullWhen(true)] out AggregateDefinition? aggregate, [NotNullWhen(false)] out string? error)
    {
        aggregate = null;
        if (!ExpressionCompiler.TryParse(text, out var syntax, out error))
            return false;
        if (syntax is not CallSyntax call || !Names.Contains(call.Name))
        {
            var near = syntax is CallSyntax unknown ? Suggestion.For(unknown.Name, Names) : null;
            error = $"column {syntax.Position + 1}: this is no aggregate; {(near is null ? $"expected one of {string.Join(", ", Names.Order(StringComparer.Ordinal))} around an expression" : $"did you mean '{near}'?")}";
            return false;
        }

        return TryCompile(name, text, call, schema, out aggregate, out error);
    }

    private static bool TryCompile(
        string name, string text, CallSyntax call, RowSchema schema, [NotNullWhen(true)] out AggregateDefinition? aggregate, [NotNullWhen(false)] out string? error)
    {
        aggregate = null;
        error = Shape(call);
        if (error is not null)
            return false;
        if (call.Star)
        {
            aggregate = new AggregateDefinition(name, "count", null, 0);
            return true;
        }

        if (!ExpressionCompiler.TryBind(text, call.Arguments[0], schema, out var argument, out error))
            return false;
        if (argument.Type == FieldType.Bytes && (call.Distinct || call.Name != "count"))
            error = $"column {call.Arguments[0].Position + 1}: {call.Name} cannot take bytes; only count(field) can";
        else if (call.Name is "sum" or "avg" or "stddev" or "quantile" && !NodeTypes.IsNumeric(argument.Type))
            error = $"column {call.Arguments[0].Position + 1}: {call.Name} takes a number; found {NodeTypes.NameOf(argument.Type)}";
        if (error is not null)
            return false;
        var parameter = call.Name == "quantile" ? Fraction(call.Arguments[1])!.Value : 0;
        aggregate = new AggregateDefinition(name, call.Distinct ? "count_distinct" : call.Name, argument, parameter);
        return true;
    }

    private static string? Shape(CallSyntax call)
    {
        var at = $"column {call.Position + 1}: ";
        if (call.Star)
            return call.Name == "count" ? null : $"{at}only count takes *; write {call.Name}(field)";
        if (call.Distinct && call.Name != "count")
            return $"{at}only count takes distinct";
        var expected = call.Name == "quantile" ? 2 : 1;
        if (call.Arguments.Count != expected)
            return $"{at}{call.Name} takes {expected} argument(s); found {call.Arguments.Count}";
        if (call.Name == "quantile" && Fraction(call.Arguments[1]) is not (>= 0 and <= 1))
            return $"column {call.Arguments[1].Position + 1}: quantile takes a literal from 0 to 1, such as 0.95";
        return null;
    }

    private static double? Fraction(Syntax syntax) => syntax switch
    {
        FloatSyntax number => number.Value,
        LongSyntax { Type: FieldType.Int64 } integer => integer.Value,
        _ => null,
    };
}
