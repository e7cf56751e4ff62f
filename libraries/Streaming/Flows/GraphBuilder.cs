namespace RealTimeMesh.Streaming;

/// <summary>Makes the steps of one partition from logical plans.</summary>
internal sealed class GraphBuilder(IReadOnlyList<TaskSource> sources)
{
    private readonly Dictionary<FlowNode, Built> _built = new(ReferenceEqualityComparer.Instance);
    private readonly SourceStep[] _entries = [.. sources.Select(source => new SourceStep(source.Schema))];
    private readonly List<TaskStep> _steps = [];
    private readonly List<ViewTable> _views = [];
    private readonly List<(Action Flush, TimeSpan Every)> _updates = [];

    private sealed record Built(Operator Step, IReadOnlyList<int> Sources, bool IsStateless);

    public TaskGraph Build(IReadOnlyList<FlowView> views)
    {
        HashSet<FlowNode> told = new(views.Where(view => view.Updates is not null).Select(view => view.Root), ReferenceEqualityComparer.Instance);
        foreach (var view in views)
            Add(view, told);
        return new TaskGraph { Entries = _entries, Steps = _steps, Views = _views, Updates = _updates };
    }

    private void Add(FlowView view, HashSet<FlowNode> told)
    {
        var root = Build(view.Root, view.Name, told);
        if (view.Sink is { } sink)
        {
            root.Step.To(sink(view.Root.Rows));
            return;
        }

        var window = view.Root as WindowNode;
        var table = new ViewTable(view.Name, view.Root.Rows, view.By, window is not null || view.Root is TopNode, window is null ? 0 : Micros(window.Lateness), Micros(view.Retain));
        root.Step.To(table, ViewTable.Results);
        if (root.Step is SessionAggregate sessions)
            sessions.TakenBack += rows => table.Process(ViewTable.TakenBack, rows);
        if (root.Step is WindowAggregate windows && view.Updates is { } every)
        {
            windows.Updated += rows => table.Process(ViewTable.Updates, rows);
            _updates.Add((windows.FlushUpdates, every));
        }

        _steps.Add(new TaskStep($"{view.Name}: rows", table, root.Sources, IsFirst: false));
        _views.Add(table);
    }

    private Built Build(FlowNode node, string view, HashSet<FlowNode> told)
    {
        if (_built.TryGetValue(node, out var known))
            return known;
        var built = node switch
        {
            SourceNode source => Source(source),
            SelectNode select => Select(select, view, told),
            WindowNode window => Window(window, view, told),
            JoinNode join => Join(join, view, told),
            DeduplicateNode first => Deduplicate(first, view, told),
            TopNode top => Top(top, view, told),
            AsOfNode join => AsOf(join, view, told),
            FollowNode follow => Follow(follow, view, told),
            _ => throw new StreamingException($"plan of '{view}': found a step of type {node.GetType().Name}; expected one that can be computed."),
        };
        _built.Add(node, built);
        return built;
    }

    private Built Source(SourceNode node)
    {
        var index = Array.FindIndex([.. sources], source => source.Topic == node.Source.Topic);
        return new Built(_entries[index], [index], IsStateless: true);
    }

    private Built Select(SelectNode node, string view, HashSet<FlowNode> told)
    {
        var input = Build(node.Input, view, told);
        var step = new Projection(node.Input.Rows, node.Where, node.Columns);
        input.Step.To(step);
        return new Built(step, input.Sources, input.IsStateless);
    }

    private Built Window(WindowNode node, string view, HashSet<FlowNode> told)
    {
        var input = Build(node.Input, view, told);
        (string Name, Aggregator Aggregator)[] aggregates = [.. node.Aggregates.Select(aggregate => (aggregate.Name, aggregate.Aggregator))];
        Operator step = node.Window.Rows > 0
            ? new CountAggregate(Ordered(input, node.Input, node.By), node.Window.Rows, node.Window.IsGlobal, aggregates)
            : node.Window.IsSession
            ? new SessionAggregate(node.Input.Rows, Micros(node.Window.Gap), Micros(node.Lateness), node.By, aggregates)
            : new WindowAggregate(node.Input.Rows, new WindowShape(Micros(node.Window.Size), Micros(node.Window.Slide)), Micros(node.Lateness), node.By, aggregates, told.Contains(node));
        input.Step.To(step);
        return Add(step, $"{view}: {node.Window}", input.Sources, input.IsStateless);
    }

    private Built Deduplicate(DeduplicateNode node, string view, HashSet<FlowNode> told)
    {
        var input = Build(node.Input, view, told);
        var step = new Deduplicate(Ordered(input, node.Input, node.By), Micros(node.Horizon));
        input.Step.To(step);
        return Add(step, $"{view}: deduplicate", input.Sources, input.IsStateless);
    }

    private Built Top(TopNode node, string view, HashSet<FlowNode> told)
    {
        var input = Build(node.Input, view, told);
        var step = new TopRows(node.Input.Rows, node.By, node.Order, node.Count, node.IsWindowed);
        input.Step.To(step);
        return Add(step, $"{view}: top {node.Count}", input.Sources, input.IsStateless);
    }

    private Built AsOf(AsOfNode node, string view, HashSet<FlowNode> told)
    {
        var (left, right) = (Build(node.Left, view, told), Build(node.Right, view, told));
        var step = new AsOfJoin(Ordered(left, node.Left, node.LeftKey), Ordered(right, node.Right, node.RightKey), node.Rows, node.KeepsLeft, node.Tolerance is { } tolerance ? Micros(tolerance) : null, node.Ends, AreOfOneTopic(node.Left, node.Right));
        return Add(step, $"{view}: as-of join", left, right);
    }

    private Built Follow(FollowNode node, string view, HashSet<FlowNode> told)
    {
        var (first, second) = (Build(node.First, view, told), Build(node.Second, view, told));
        var step = new Following(Ordered(first, node.First, node.FirstKey), Ordered(second, node.Second, node.SecondKey), node.Pair, Micros(node.Within), node.IsAbsent, node.Where, AreOfOneTopic(node.First, node.Second));
        return Add(step, $"{view}: {(node.IsAbsent ? "not followed" : "followed")}", first, second);
    }

    private Built Add(Operator step, string name, Built left, Built right)
    {
        left.Step.To(step, 0);
        right.Step.To(step, 1);
        return Add(step, name, [.. left.Sources.Union(right.Sources)], left.IsStateless && right.IsStateless);
    }

    private static OrderedInput Ordered(Built input, FlowNode node, IReadOnlyList<string> by) => new(node.Rows, by, input.IsStateless);

    private static bool AreOfOneTopic(FlowNode left, FlowNode right) => TopicOf(left) is { } topic && topic == TopicOf(right);

    /// <summary>The topic whose events, selected, a node gives; null where it is more than that.</summary>
    private static string? TopicOf(FlowNode node) => node switch
    {
        SourceNode source => source.Source.Topic,
        SelectNode select => TopicOf(select.Input),
        _ => null,
    };

    private Built Join(JoinNode node, string view, HashSet<FlowNode> told)
    {
        var left = Build(node.Left, view, told);
        var right = Build(node.Right, view, told);
        var step = new IntervalJoin((node.Left.Rows, node.LeftKey), (node.Right.Rows, node.RightKey), Micros(node.Before), Micros(node.After), node.Kind, 0, node.Rows, node.Where);
        return Add(step, $"{view}: join", left, right);
    }

    private Built Add(Operator step, string name, IReadOnlyList<int> from, bool isFirst)
    {
        _steps.Add(new TaskStep(name, step, from, isFirst));
        return new Built(step, from, IsStateless: false);
    }

    private static long Micros(TimeSpan span) => (long)span.TotalMicroseconds;
}
