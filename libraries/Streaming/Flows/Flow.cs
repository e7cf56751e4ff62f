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
        return Join(right, Condition(right, on, (kind & JoinKind.Right) != 0, (kind & JoinKind.Left) != 0), before, after, kind);
    }

    /// <summary>Lets the first row of a key through, in the order of event time, and none after it within a horizon.</summary>
    /// <param name="by">Fields of the key.</param>
    /// <param name="horizon">How long rows of the key are duplicates of it.</param>
    public Flow Deduplicate(IReadOnlyList<string> by, TimeSpan horizon)
    {
        if (by.Count == 0 || horizon < TimeSpan.FromMilliseconds(1))
            throw new StreamingException($"deduplicate: found {by.Count} fields and a horizon of {horizon}; expected at least one field and 1 ms; name what makes two rows the same, and for how long.");
        _ = new KeyBatch(Rows, by);
        return new Flow(new DeduplicateNode(Node, by, horizon));
    }

    /// <summary>
    /// The first rows of each group by an order, with their <c>rank</c>: of each window after <see cref="Window(FlowWindow, IReadOnlyList{string}, TimeSpan, IReadOnlyList{ValueTuple{string, string}})"/>,
    /// otherwise of all rows since ever, which must be the last step: a rank's row is replaced when another takes its place.
    /// </summary>
    /// <param name="count">Rows of a group, 1 to 1000.</param>
    /// <param name="by">Fields of the group, besides the window; none for one group.</param>
    /// <param name="order">Columns by which rows are ranked, the first one first.</param>
    public Flow Top(int count, IReadOnlyList<string> by, params IReadOnlyList<(string Column, bool Descending)> order)
    {
        if (count is < 1 or > 1000 || order.Count == 0)
            throw new StreamingException($"top: found {count} rows by {order.Count} columns; expected 1 to 1000 rows by at least one column; correct them.");
        var isWindowed = Node is WindowNode { Window.Rows: 0 };
        if (Node is WindowNode { Window.IsSession: true } or WindowNode { Lateness.Ticks: > 0 } or WindowNode { Window.IsGlobal: true })
            throw new StreamingException("top: found windows whose results may change after they are given; expected tumbling or sliding ones without lateness; allow for late events in the stream's 'outOfOrder'.");
        _ = new KeyBatch(Rows, by);
        RankColumn[] columns = [.. order.Select(column => new RankColumn(Rows.IndexOf(column.Column), column.Descending))];
        if (Array.FindIndex(columns, column => column.Ordinal < 0) is >= 0 and var unknown)
            throw new StreamingException($"top: found column '{order[unknown].Column}'; expected one of {string.Join(", ", Rows.Fields.Select(field => field.Name))}; correct the order.");
        if (Rows.IndexOf(TopRows.Rank) >= 0 || (!isWindowed && Rows.IndexOf(ResultRows.Start) >= 0))
            throw new StreamingException($"top: found a column '{(Rows.IndexOf(TopRows.Rank) >= 0 ? TopRows.Rank : ResultRows.Start)}', which the result has too; expected other names; rename it by Select.");
        return new Flow(new TopNode(Node, count, columns, by, isWindowed, TopRows.SchemaOf(Rows, isWindowed)));
    }

    /// <summary>Each row of this flow (fields <c>left.x</c>) with the row of another (<c>right.y</c>) that was the latest of its key at the row's time.</summary>
    /// <param name="right">The other flow: quotes, or the versions of a table.</param>
    /// <param name="on">Equalities between fields of both, joined by <c>and</c>.</param>
    /// <param name="tolerance">How much older the right row may be; null: however old.</param>
    /// <param name="kind">Inner, or left for rows without a right one too.</param>
    /// <param name="ends">Condition over the right rows: true of one that says that its key has none from then on.</param>
    public Flow JoinAsOf(Flow right, string on, TimeSpan? tolerance = null, JoinKind kind = JoinKind.Inner, string? ends = null)
    {
        if ((kind & JoinKind.Right) != 0)
            throw new StreamingException($"join '{on}': found kind {kind} of an as-of join; expected Inner or Left; only left rows ask for a partner.");
        return JoinAsOf(right, Condition(right, on, false, (kind & JoinKind.Left) != 0), tolerance, (kind & JoinKind.Left) != 0, ends is null ? null : Compile(ends, right.Rows));
    }

    /// <summary>Each row of this flow (fields <c>left.x</c>) with the first row of another (<c>right.y</c>) that follows it.</summary>
    /// <param name="second">What may follow.</param>
    /// <param name="on">Equalities between fields of both, and further conditions, joined by <c>and</c>.</param>
    /// <param name="within">How much later at most.</param>
    public Flow FollowedBy(Flow second, string on, TimeSpan within) => Follow(second, Condition(second, on, false, false), within, isAbsent: false);

    /// <summary>The rows of this flow that no row of another followed in time.</summary>
    /// <param name="second">What should have followed.</param>
    /// <param name="on">Equalities between fields of both, and further conditions, joined by <c>and</c>.</param>
    /// <param name="within">How much later at most: the rows are given when event time is beyond that.</param>
    public Flow NotFollowedBy(Flow second, string on, TimeSpan within) => Follow(second, Condition(second, on, false, false), within, isAbsent: true);

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
        (string Name, Aggregator Aggregator)[] named = [.. compiled.Select(aggregate => (aggregate.Name, aggregate.Aggregator))];
        if (window.Rows > 0 && lateness > TimeSpan.Zero)
            throw new StreamingException($"window: found a lateness of {lateness}; expected none in windows of a count; allow for it in the stream's 'outOfOrder'.");
        return new Flow(new WindowNode(Node, window, lateness, by, compiled, window.Rows > 0 ? CountAggregate.SchemaOf(Rows, by, named) : ResultRows.SchemaOf(Rows, by, named)));
    }

    internal Flow Join(Flow right, JoinCondition condition, TimeSpan before, TimeSpan after, JoinKind kind) =>
        new(new JoinNode(Node, condition.Left, right.Node, condition.Right, before, after, kind, condition.Where, condition.Rows));

    internal Flow JoinAsOf(Flow right, JoinCondition condition, TimeSpan? tolerance, bool keepsLeft, BoundExpression? ends)
    {
        if (condition.Where is not null)
            throw new StreamingException($"join '{condition.Where.Text}': found a condition besides the equalities; expected equalities only, because the latest row is taken whatever it is; select the rows before the join, or the pairs after it.");
        if (tolerance < TimeSpan.Zero)
            throw new StreamingException($"join: found a tolerance of {tolerance}; expected 0 or more; leave it out where any age will do.");
        if (ends is not null && ends.Type != FieldType.Boolean)
            throw new StreamingException($"condition '{ends.Text}': found type {ends.Type}; expected Boolean; compare it with something.");
        return new(new AsOfNode(Node, condition.Left, right.Node, condition.Right, tolerance, keepsLeft, ends, condition.Rows));
    }

    internal Flow Follow(Flow second, JoinCondition condition, TimeSpan within, bool isAbsent) => within >= TimeSpan.Zero
        ? new(new FollowNode(Node, condition.Left, second.Node, condition.Right, within, isAbsent, condition.Where, condition.Rows))
        : throw new StreamingException($"pattern: found a time of {within}; expected 0 or more; what follows comes later.");

    private JoinCondition Condition(Flow right, string on, bool leftOptional, bool rightOptional) =>
        JoinCondition.TryCompile(on, Rows, right.Rows, leftOptional, rightOptional, out var condition, out var error) ? condition : throw new StreamingException($"join '{on}': {error}");

    private static BoundExpression Compile(string text, RowSchema rows) => ExpressionCompiler.TryCompile(text, rows, out var expression, out var error)
        ? expression
        : throw new StreamingException($"expression '{text}': {error}");

    private static string TextOf(AggregateDefinition aggregate) =>
        string.Create(CultureInfo.InvariantCulture, $"{aggregate.Function}({aggregate.Argument?.Text}:{aggregate.Argument?.Type},{aggregate.Parameter})");

    private AggregateDefinition Aggregate(string name, string text) => AggregateParser.TryCompile(name, text, Rows, out var definition, out var error)
        ? definition
        : throw new StreamingException($"aggregate '{name}', '{text}': {error}");
}
