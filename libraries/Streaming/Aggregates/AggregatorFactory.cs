using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>Compiles the aggregates of a view by function name and argument type.</summary>
internal static class AggregatorFactory
{
    private static readonly Dictionary<string, Func<string, AggregateDefinition, Aggregator>> Functions = new(StringComparer.Ordinal)
    {
        ["count"] = (_, definition) => new CountAggregator(definition.Argument),
        ["count_distinct"] = (view, definition) => new DistinctAggregator(Argument(view, definition, _ => true, "a value")),
        ["sum"] = (view, definition) => Sum(view, definition, average: false),
        ["avg"] = (view, definition) => Sum(view, definition, average: true),
        ["min"] = (view, definition) => Extreme(view, definition, max: false),
        ["max"] = (view, definition) => Extreme(view, definition, max: true),
        ["first"] = (view, definition) => Edge(view, definition, last: false),
        ["last"] = (view, definition) => Edge(view, definition, last: true),
        ["stddev"] = (view, definition) => new DeviationAggregator(Argument(view, definition, IsNumber, "a number")),
        ["quantile"] = Quantile,
    };

    /// <summary>Names of the functions there are.</summary>
    public static IEnumerable<string> Names => Functions.Keys.Order(StringComparer.Ordinal);

    public static Aggregator Create(ViewDefinition view, AggregateDefinition definition) => Create($"{view.Pipeline}.{view.Name}", definition);

    /// <param name="view">Name of the view, for faults.</param>
    /// <param name="definition">The aggregate.</param>
    public static Aggregator Create(string view, AggregateDefinition definition) =>
        Functions.TryGetValue(definition.Function, out var create)
            ? create(view, definition)
            : throw Fault(view, definition, $"function '{definition.Function}'", $"one of {string.Join(", ", Names)}");

    private static Aggregator Sum(string view, AggregateDefinition definition, bool average)
    {
        var argument = Argument(view, definition, IsNumber, "a number");
        return argument.Type is FieldType.Int32 or FieldType.Int64
            ? new IntegerSumAggregator(argument, average)
            : new FloatSumAggregator(argument, average);
    }

    private static Aggregator Extreme(string view, AggregateDefinition definition, bool max)
    {
        var argument = Argument(view, definition, _ => true, "a value");
        if (argument.Type == FieldType.String)
            return new TextExtremeAggregator(argument, max);
        return Scalars.IsInteger(argument.Type) ? new IntegerExtremeAggregator(argument, max) : new FloatExtremeAggregator(argument, max);
    }

    private static Aggregator Edge(string view, AggregateDefinition definition, bool last)
    {
        var argument = Argument(view, definition, _ => true, "a value");
        if (argument.Type == FieldType.String)
            return new TextEdgeAggregator(argument, last);
        return Scalars.IsInteger(argument.Type) ? new IntegerEdgeAggregator(argument, last) : new FloatEdgeAggregator(argument, last);
    }

    private static Aggregator Quantile(string view, AggregateDefinition definition)
    {
        if (definition.Parameter is not (>= 0 and <= 1))
            throw Fault(view, definition, $"quantile {definition.Parameter}", "a number from 0 to 1");
        return new QuantileAggregator(Argument(view, definition, IsNumber, "a number"), definition.Parameter);
    }

    private static bool IsNumber(FieldType type) =>
        type is FieldType.Int32 or FieldType.Int64 or FieldType.Float32 or FieldType.Float64 or FieldType.Decimal;

    private static BoundExpression Argument(string view, AggregateDefinition definition, Func<FieldType, bool> accepts, string expected)
    {
        if (definition.Argument is null)
            throw Fault(view, definition, $"{definition.Function} without an argument", expected);
        if (definition.Argument.Type == FieldType.Bytes || !accepts(definition.Argument.Type))
            throw Fault(view, definition, $"'{definition.Argument.Text}' of type {definition.Argument.Type}", expected);
        return definition.Argument;
    }

    private static StreamingException Fault(string view, AggregateDefinition definition, string found, string expected) =>
        new($"view '{view}', column '{definition.Name}': found {found}; expected {expected}; change the select of the view.");
}
