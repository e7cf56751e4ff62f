namespace RealTimeMesh.Pipelines.Tests;

public sealed class FlowSectionTests
{
    private const string Views = """
        views:
          busy:
            from: departures
            where: distance > 0
            window: { sliding: { size: 1h, slide: 5m } }
            by: [origin]
            select: { flights: count(*), worst: max(delay) }
            emit: { updates: 1s }
            allowedLateness: 30s
          shifts:
            from: departures
            window: { session: 30m }
            by: [origin, note]
            select: { flights: count(*) }
            retain: 2d
          turns:
            join:
              left: departures
              right: arrivals
              on: left.origin = right.origin and right.delay > left.delay
              within: { before: 5m, after: 6h }
              kind: left
            where: left.distance > 10
            by: [origin, scheduled]
            select: { origin: left.origin, scheduled: left.scheduled, late: right.delay - left.delay }
          pairs:
            join: { left: departures, right: arrivals, on: left.origin = right.origin, within: { after: 1h } }
            window: { tumbling: 1h }
            by: [left.origin]
            select: { n: count(*), worst: max(right.delay) }
        """;

    [Fact]
    public void Views_of_sliding_windows_sessions_and_joins_are_read_whole()
    {
        using var folder = Pipelines();
        var result = folder.Load();
        Assert.Empty(result.Faults);
        var flows = result.Pipelines[0].Flows;
        Assert.Equal(["busy", "shifts", "turns", "pairs"], flows.Select(flow => flow.Name));
        Assert.Empty(result.Pipelines[0].Views);
        Assert.Equal(new FlowWindowDefinition(TimeSpan.FromHours(1), TimeSpan.FromMinutes(5), TimeSpan.Zero), flows[0].Window);
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)), (flows[0].EmitUpdates, flows[0].AllowedLateness));
        Assert.Equal(new FlowWindowDefinition(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(30)), flows[1].Window);
        var join = flows[2].Join!;
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromHours(6), true, false), (join.Before, join.After, join.KeepsLeft, join.KeepsRight));
        Assert.Equal(["origin"], join.Condition.Left);
        Assert.Equal(["origin"], join.Condition.Right);
        Assert.NotNull(join.Condition.Where);
        Assert.True(join.Condition.Rows.Fields[join.Condition.Rows.IndexOf("right.distance")].Nullable);
        Assert.Equal(["origin", "scheduled", "late"], flows[2].Columns.Select(column => column.Name));
        Assert.Null(flows[3].Join!.Condition.Where);
        Assert.Equal(["n", "worst"], flows[3].Aggregates.Select(aggregate => aggregate.Name));
    }

    public static TheoryData<string, string, string, string> Faults => new()
    {
        // what is replaced, by what, the fault's place, a part of the fault
        { "sliding: { size: 1h, slide: 5m }", "sliding: { size: 1h }", "views.busy.window.sliding.slide", "found no such key; expected the distance of the windows' starts" },
        { "slide: 5m", "slide: 1ms", "views.busy.window.sliding", "found windows of which 3600000 overlap; expected 1000 at most" },
        { "session: 30m", "session: 0s", "views.shifts.window.session", "found no length" },
        { "window: { session: 30m }", "window: { session: 30m, tumbling: 5m }", "views.shifts.window", "found 2 kinds of windows" },
        { "where: distance > 0", "where: distnace > 0", "views.busy.where", "did you mean 'distance'?" },
        { "max(delay)", "max(dealy)", "views.busy.select.worst", "'max(dealy)' (column 5: field 'dealy' is not in the contract; did you mean 'delay'?)" },
        { "max(delay)", "max(delay", "views.busy.select.worst", "column 10" },
        { "by: [origin, note]", "by: [note]", "views.shifts.by", "found groups without 'origin'; expected the stream's key among the fields" },
        { "from: departures\n    window: { session", "from: departure\n    window: { session", "views.shifts.from", "Did you mean 'departures'?" },
        { "      within: { before: 5m, after: 6h }\n", "", "views.turns.join.within", "without it, all rows would have to be kept for ever. Add 'within'." },
        { "within: { before: 5m, after: 6h }", "within: {}", "views.turns.join.within", "found no bound" },
        { "kind: left", "kind: outer", "views.turns.join.kind", "found 'outer'; expected one of inner, left, right, full" },
        { "on: left.origin = right.origin and right.delay > left.delay", "on: left.origin = right.delay", "views.turns.join.on", "'=' takes operands of one type; found varchar and" },
        { "on: left.origin = right.origin and right.delay > left.delay", "on: right.delay > left.delay", "views.turns.join.on", "found no equality between the sides" },
        { "on: left.origin = right.origin and right.delay > left.delay", "on: left.note = right.note", "views.turns.join.on", "expected left.origin = right.origin among the equalities" },
        { "on: left.origin = right.origin and right.delay > left.delay", "on: left.origin = right.orgin", "views.turns.join.on", "column 15: field 'right.orgin' is not in the contract; did you mean 'right.origin'?" },
        { "right: arrivals\n      on", "right: departures\n      on", "views.turns.join.right", "the stream 'departures' on both sides" },
        { "left.distance > 10", "left.distance", "views.turns.where", "which is int; expected a condition" },
        { "by: [origin, scheduled]", "by: [origin, when]", "views.turns.by", "'when', which 'select' does not have" },
        { "late: right.delay - left.delay", "final: right.delay", "views.turns.select.final", "the column 'final'" },
        { "late: right.delay - left.delay", "late: delay", "views.turns.select.late", "field 'delay' is not in the contract" },
        { "    by: [left.origin]", "    by: [left.note]", "views.pairs.by", "found groups without 'left.origin'" },
        { "    retain: 2d", "    emit: { updates: 1s }", "views.shifts.emit.updates", "found updates of a view without windows of a length" },
        { "    join: { left", "    from: departures\n    join: { left", "views.pairs.from", "found 'from' beside 'join'" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_is_told_with_its_place_and_its_cure(string old, string @new, string place, string part)
    {
        using var folder = Pipelines();
        folder.Edit(old, @new);
        var fault = Assert.Single(folder.Load().Faults);
        Assert.Contains($"{place}: ", fault.ToString(), StringComparison.Ordinal);
        Assert.Contains(part, fault.ToString(), StringComparison.Ordinal);
        Assert.True(fault.Line > 15);
    }

    internal static TempPipelines Pipelines(string views = Views)
    {
        var folder = new TempPipelines();
        var yaml = TempPipelines.Yaml;
        var arrivals = "  arrivals:\n    contract: contracts/departure.avsc\n    key: origin\n    time: scheduled\nreferences:";
        yaml = yaml[..yaml.IndexOf("views:", StringComparison.Ordinal)].Replace("references:", arrivals, StringComparison.Ordinal) + views + yaml[yaml.IndexOf("\ntables:", StringComparison.Ordinal)..];
        folder.Write("air/pipeline.yaml", yaml);
        return folder;
    }
}
