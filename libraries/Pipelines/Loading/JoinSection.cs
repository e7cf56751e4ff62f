namespace RealTimeMesh.Pipelines;

/// <summary>Reads <c>join</c> of a view.</summary>
internal static class JoinSection
{
    private static readonly string[] Kinds = ["inner", "left", "right", "full"];

    public static FlowJoinDefinition? Read(PipelineContext context, YamlElement element)
    {
        if (element.Map("a mapping with left, right, on and within or asOf", "left", "right", "on", "within", "asOf", "kind") is not { } map)
            return null;
        var (left, leftRows) = FlowSection.ReadStream(context, map.Require("left", "a stream"), "a stream");
        var (right, rightRows) = FlowSection.ReadStream(context, map.Require("right", "a stream"), "a stream");
        var (keepsLeft, keepsRight) = ReadKind(map);
        var on = map.Require("on", "a condition such as left.id = right.id");
        var isAsOf = map.TryFind("asOf", out var asOf);
        if (isAsOf && map.TryFind("within", out var both))
            both.Fault("'within' beside 'asOf'", "one of them", "Remove one: an as-of join takes the latest row, however near.");
        var within = isAsOf ? null : map.Require("within", "how far apart the rows of a pair may be, such as { before: 0s, after: 6h }: without it, all rows would have to be kept for ever");
        var bounds = within?.Map("{ before: 0s, after: 6h }", "before", "after");
        if (bounds is { Entries.Count: 0 })
            within!.Fault("no bound", "before, after or both", "Write how much earlier and later than the left row the right one may be.");
        var before = bounds?.Duration("before", TimeSpan.Zero);
        var after = bounds?.Duration("after", TimeSpan.Zero);
        if (on?.Text("a condition") is not { } text || leftRows is null || rightRows is null)
            return null;
        if (!JoinCondition.TryCompile(text, leftRows, rightRows, keepsRight, keepsLeft, out var condition, out var error))
        {
            on.Fault($"'{text}' ({error})", "a condition over left.x and right.y", "Correct the condition.");
            return null;
        }

        if (left is null || right is null)
            return null;
        if (isAsOf)
            return ReadAsOf(asOf!, on, new FlowJoinDefinition(left, right, condition, TimeSpan.Zero, TimeSpan.Zero, keepsLeft, keepsRight), text);
        if (left == right)
            map.Entries.First(e => e.Key == "right").Value.Fault($"the stream '{right.Name}' on both sides", "two streams", "Join another stream.");
        CheckKeys(on, text, condition, left, right);
        return before is null || after is null ? null : new FlowJoinDefinition(left, right, condition, before.Value, after.Value, keepsLeft, keepsRight);
    }

    /// <summary>What is to meet must be in one partition.</summary>
    public static void CheckKeys(YamlElement on, string text, JoinCondition condition, StreamDefinition left, StreamDefinition right)
    {
        if (!condition.Left.Zip(condition.Right).Contains((left.Key, right.Key)))
            on.Fault($"'{text}'", $"left.{left.Key} = right.{right.Key} among the equalities: the streams' keys decide the partitions, and each is joined by itself", "Add it, or key the streams by what you join on.");
    }

    private static FlowJoinDefinition? ReadAsOf(YamlElement element, YamlElement on, FlowJoinDefinition join, string text)
    {
        if (element.Map("a mapping with tolerance, ends or neither: {}", "tolerance", "ends") is not { } map)
            return null;
        CheckKeys(on, text, join.Condition, join.Left, join.Right);
        if (join.Condition.Where is not null)
            on.Fault($"'{text}'", "equalities only: the latest row is taken whatever it is", "Move the other conditions to 'where' of the view.");
        if (join.KeepsRight)
            element.Fault("a right or full join", "kind: inner or left", "Only left rows ask for a partner: exchange the sides, or write another kind.");
        return join with
        {
            Mode = FlowJoinMode.AsOf,
            Tolerance = map.Has("tolerance") ? map.Duration("tolerance", TimeSpan.Zero) : null,
            Ends = map.TryFind("ends", out var ends) ? ViewSection.ReadWhere(ends, join.Right.Contract.Rows) : null,
        };
    }

    private static (bool Left, bool Right) ReadKind(YamlMap map)
    {
        if (!map.TryFind("kind", out var element) || element.Text("one of inner, left, right, full") is not { } kind)
            return (false, false);
        if (!Kinds.Contains(kind))
            element.Fault($"'{kind}'", $"one of {string.Join(", ", Kinds)}", "Write one of these.");
        return (kind is "left" or "full", kind is "right" or "full");
    }
}
