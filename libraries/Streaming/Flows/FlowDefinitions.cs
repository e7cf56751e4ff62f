using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>Logical plans of the views that YAML declares.</summary>
internal static class FlowDefinitions
{
    public static FlowView View(FlowDefinition definition)
    {
        var flow = definition.Join is { } join ? Pairs(join) : Flow.From(definition.From!);
        if (definition.Deduplicate is { } once)
            flow = flow.Deduplicate(once.By, once.Within);
        if (definition.Where is { } where)
            flow = flow.Where(where);
        flow = Rows(definition, flow);
        if (definition.Top is { } first)
            flow = flow.Top(first.Count, first.By, first.Order);
        return new FlowView($"{definition.Pipeline}.{definition.Name}", flow.Node)
        {
            // Of windows of a count, one key may have several that begin at one time.
            By = definition.Top is { } top ? [.. top.By, TopRows.Rank] : definition.Window is { Rows: > 0, IsGlobal: false } ? [.. definition.By, CountAggregate.Nth] : definition.By,
            Retain = definition.Retain,
            Updates = definition.EmitUpdates,
        };
    }

    /// <summary>Views that read a stream in common are computed together: a join needs both streams in one place.</summary>
    public static IReadOnlyList<IReadOnlyList<FlowDefinition>> Groups(IReadOnlyList<FlowDefinition> definitions)
    {
        List<List<FlowDefinition>> groups = [];
        foreach (var definition in definitions)
        {
            var touched = groups.Where(group => group.Any(other => other.Streams.Intersect(definition.Streams).Any())).ToList();
            groups.RemoveAll(touched.Contains);
            groups.Add([.. touched.SelectMany(group => group), definition]);
        }

        return groups;
    }

    /// <summary>Prefix of the state of views that are computed together: changes where a view joins them or leaves.</summary>
    public static string NameOf(IReadOnlyList<FlowDefinition> definitions) =>
        string.Join('+', definitions.Select(definition => $"{definition.Pipeline}.{definition.Name}").Order(StringComparer.Ordinal));

    private static Flow Pairs(FlowJoinDefinition join)
    {
        var kind = (join.KeepsLeft ? JoinKind.Left : JoinKind.Inner) | (join.KeepsRight ? JoinKind.Right : JoinKind.Inner);
        var (left, right) = (Flow.From(join.Left), Flow.From(join.Right));
        left = join.LeftWhere is { } leftWhere ? left.Where(leftWhere) : left;
        right = join.RightWhere is { } rightWhere ? right.Where(rightWhere) : right;
        return join.Mode switch
        {
            FlowJoinMode.AsOf => left.JoinAsOf(right, join.Condition, join.Tolerance, join.KeepsLeft, join.Ends),
            FlowJoinMode.Followed => left.Follow(right, join.Condition, join.After, isAbsent: false),
            FlowJoinMode.NotFollowed => left.Follow(right, join.Condition, join.After, isAbsent: true),
            _ => left.Join(right, join.Condition, join.Before, join.After, kind),
        };
    }

    private static Flow Rows(FlowDefinition definition, Flow flow)
    {
        if (definition.Window is not { } window)
            return flow.Select(definition.Columns);
        var shape = window.IsGlobal ? FlowWindow.Global(window.Rows) : window.Rows > 0 ? FlowWindow.Count(window.Rows) : window.Gap > TimeSpan.Zero ? FlowWindow.Session(window.Gap) : FlowWindow.Hopping(window.Size, window.Slide);
        return flow.Window(shape, definition.By, definition.AllowedLateness, definition.Aggregates);
    }
}
