namespace RealTimeMesh.Pipelines;

/// <summary>Reads <c>join</c> of a view.</summary>
internal static class JoinSection
{
    private static readonly string[] Kinds = ["inner", "left", "right", "full"];

    public static FlowJoinDefinition? Read(PipelineContext context, YamlElement element)
    {
        if (element.Map("a mapping with left, right, on and within", "left", "right", "on", "within", "kind") is not { } map)
            return null;
        var (left, leftRows) = FlowSection.ReadStream(context, map.Require("left", "a stream"), "a stream");
        var (right, rightRows) = FlowSection.ReadStream(context, map.Require("right", "a stream"), "a stream");
        var (keepsLeft, keepsRight) = ReadKind(map);
        var on = map.Require("on", "a condition such as left.id = right.id");
        var within = map.Require("within", "how far apart the rows of a pair may be, such as { before: 0s, after: 6h }: without it, all rows would have to be kept for ever");
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
        if (left == right)
            map.Entries.First(e => e.Key == "right").Value.Fault($"the stream '{right.Name}' on both sides", "two streams", "Join another stream.");
        if (!condition.Left.Zip(condition.Right).Contains((left.Key, right.Key)))
            on.Fault($"'{text}'", $"left.{left.Key} = right.{right.Key} among the equalities: the streams' keys decide the partitions, and each is joined by itself", "Add it, or key the streams by what you join on.");
        return before is null || after is null ? null : new FlowJoinDefinition(left, right, condition, before.Value, after.Value, keepsLeft, keepsRight);
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
