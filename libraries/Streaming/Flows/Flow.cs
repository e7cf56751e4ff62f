using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Writes a view in C#: each call adds a step to the logical plan that YAML compiles to as well. Expressions are those
/// of <c>pipeline.yaml</c>; a wrong one is refused at once, with the column at which it is wrong.
/// </summary>
public sealed class Flow
{
    private Flow(FlowNode node) => Node = node;

    /// <summary>What leaves the last step.</summary>
    public RowSchema Rows => Node.Rows;

    internal FlowNode Node { get; }

    /// <summary>The events of a stream.</summary>
    public static Flow From(StreamDefinition stream) => new(new SourceNode(TaskSource.Of(stream)));

    /// <summary>Lets the rows through for which a condition is true.</summary>
    public Flow Where(string condition) => Where(Compile(condition, Rows));

    /// <summary>Computes columns; the others are left away.</summary>
    public Flow Select(params IReadOnlyList<(string Name, string Value)> columns) =>
        Select([.. columns.Select(column => (column.Name, Compile(column.Value, Rows)))]);

    /// <summary>Aggregates by key and window: rows of <c>window_start</c>, <c>window_end</c>, the key's fields and the aggregates.</summary>
    /// <param name="window">Windows.</param>
    /// <param name="by">Fields to group by; none for one group.</param>
    /// <param name="lateness">How long after its end a window still takes rows, and corrects its result.</param>
    /// <param name="aggregates">Named aggregates, such as <c>("worst", "max(delay)")</c>.</param>
    public Flow Window(FlowWindow window, IReadOnlyList<string> by, TimeSpan lateness, params IReadOnlyList<(string Name, string Value)> aggregates) =>
        Window(window, by, lateness, [.. aggregates.Select(aggregate => Aggregate(aggregate.Name, aggregate.Value))]);

    /// <summary>Pairs of rows of this flow (fields <c>left.x</c>) and another (<c>right.y</c>) whose times are near.</summary>
    /// <param name="right">The other flow.</param>
    /// <param name="on">Equalities between fields of both, and further conditions, joined by <c>and</c>.</param>
    /// <param name="before">How much earlier than the left row the right one may be.</param>
    /// <param name="after">How much later.</param>
    /// <param name="kind">Which rows are given besides the pairs.</param>
    public Flow Join(Flow right, string on, TimeSpan before, TimeSpan after, JoinKind kind = JoinKind.Inner)
    {
        if (!JoinCondition.TryCompile(on, Rows, right.Rows, (kind & JoinKind.Right) != 0, (kind & JoinKind.Left) != 0, out var condition, out var error))
            throw new StreamingException($"join '{on}': {error}");
        return Join(right, condition, before, after, kind);
    }

    internal static Flow From(TaskSource source) => new(new SourceNode(source));

    internal Flow Where(BoundExpression where)
    {
        if (where.Type != FieldType.Boolean)
            throw new StreamingException($"condition '{where.Text}': found type {where.Type}; expected Boolean; compare it with something.");
        return new Flow(new SelectNode(Node, where, null, Rows));
    }

    internal Flow Select(IReadOnlyList<(string Name, BoundExpression Value)> columns) =>
        new(new SelectNode(Node, null, columns, new Projection(Rows, null, columns).Output));

    internal Flow Window(FlowWindow window, IReadOnlyList<string> by, TimeSpan lateness, IReadOnlyList<AggregateDefinition> aggregates)
    {
        if (aggregates.Count == 0)
            throw new StreamingException("window: found no aggregate; expected at least one; add one, such as (\"n\", \"count(*)\").");
        _ = new KeyBatch(Rows, by);
        var compiled = aggregates.Select(aggregate => (aggregate.Name, Aggregator: AggregatorFactory.Create("flow", aggregate), Text: TextOf(aggregate))).ToArray();
        return new Flow(new WindowNode(Node, window, lateness, by, compiled, ResultRows.SchemaOf(Rows, by, [.. compiled.Select(aggregate => (aggregate.Name, aggregate.Aggregator))])));
    }

    internal Flow Join(Flow right, JoinCondition condition, TimeSpan before, TimeSpan after, JoinKind kind) =>
        new(new JoinNode(Node, condition.Left, right.Node, condition.Right, before, after, kind, condition.Where, condition.Rows));

    private static BoundExpression Compile(string text, RowSchema rows) => ExpressionCompiler.TryCompile(text, rows, out var expression, out var error)
        ? expression
        : throw new StreamingException($"expression '{text}': {error}");

    private static string TextOf(AggregateDefinition aggregate) =>
        string.Create(CultureInfo.InvariantCulture, $"{aggregate.Function}({aggregate.Argument?.Text}:{aggregate.Argument?.Type},{aggregate.Parameter})");

    private AggregateDefinition Aggregate(string name, string text) => AggregateParser.TryCompile(name, text, Rows, out var definition, out var error)
        ? definition
        : throw new StreamingException($"aggregate '{name}', '{text}': {error}");
}
