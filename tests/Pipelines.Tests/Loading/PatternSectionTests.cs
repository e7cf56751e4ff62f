namespace RealTimeMesh.Pipelines.Tests;

public sealed class PatternSectionTests
{
    private const string Views = """
        views:
          once:
            from: departures
            deduplicate: { by: [origin, scheduled], within: 1h }
            by: [origin, scheduled]
            select: { origin: origin, scheduled: scheduled, delay: delay }
          tens:
            from: departures
            window: { count: 10 }
            by: [origin]
            select: { worst: max(delay) }
          ever:
            from: departures
            window: { global: { every: 100 } }
            by: [origin]
            select: { flights: count(*) }
          latest:
            join: { left: departures, right: arrivals, on: left.origin = right.origin, kind: left, asOf: { tolerance: 30m, ends: distance = 0 } }
            by: [origin, scheduled]
            select: { origin: left.origin, scheduled: left.scheduled, before: right.delay }
          worst:
            from: departures
            window: { tumbling: 1h }
            by: [origin, note]
            select: { flights: count(*), late: avg(delay) }
            top: { count: 3, by: [origin], order: [flights desc, late] }
          records:
            from: departures
            by: [origin]
            select: { origin: origin, delay: delay, scheduled: scheduled }
            top: { count: 5, order: [delay desc] }
          versions:
            join: { left: departures, right: arrivals, on: left.origin = right.origin, asOf: {} }
            by: [origin]
            select: { origin: left.origin, before: right.delay }
          chains:
            pattern:
              first: { from: departures, where: delay > 30 }
              then: { from: departures, where: delay > 60 }
              on: left.origin = right.origin and right.delay > left.delay
              within: 2h
            by: [origin, scheduled]
            select: { origin: left.origin, scheduled: left.scheduled, worse: right.delay }
          lost:
            pattern: { first: departures, not: arrivals, on: left.origin = right.origin, within: 12h }
            by: [origin, scheduled]
            select: { origin: origin, scheduled: scheduled }
        """;

    [Fact]
    public void Views_of_deduplicated_rows_counts_as_of_joins_and_patterns_are_read_whole()
    {
        using var folder = Pipelines();
        var result = folder.Load();
        Assert.Empty(result.Faults);
        var flows = result.Pipelines[0].Flows.ToDictionary(flow => flow.Name);
        Assert.Equal(["origin", "scheduled"], flows["once"].Deduplicate!.By);
        Assert.Equal(TimeSpan.FromHours(1), flows["once"].Deduplicate!.Within);
        Assert.Equal((10, false), (flows["tens"].Window!.Rows, flows["tens"].Window!.IsGlobal));
        Assert.Equal((100, true), (flows["ever"].Window!.Rows, flows["ever"].Window!.IsGlobal));
        var latest = flows["latest"].Join!;
        Assert.Equal((FlowJoinMode.AsOf, TimeSpan.FromMinutes(30), true, "distance = 0"), (latest.Mode, latest.Tolerance, latest.KeepsLeft, latest.Ends!.Text));
        Assert.Equal((3, false), (flows["worst"].Top!.Count, flows["worst"].Top!.Order[1].Descending));
        Assert.Equal(["origin"], flows["worst"].Top!.By);
        Assert.Equal([("delay", true)], flows["records"].Top!.Order);
        Assert.Equal(["origin"], flows["records"].Top!.By);
        Assert.Equal((FlowJoinMode.AsOf, null), (flows["versions"].Join!.Mode, flows["versions"].Join!.Tolerance));
        var chains = flows["chains"].Join!;
        Assert.Equal((FlowJoinMode.Followed, TimeSpan.FromHours(2), "delay > 30", "delay > 60"), (chains.Mode, chains.After, chains.LeftWhere!.Text, chains.RightWhere!.Text));
        Assert.Equal("departures", Assert.Single(flows["chains"].Streams).Name);
        Assert.Equal((FlowJoinMode.NotFollowed, TimeSpan.FromHours(12)), (flows["lost"].Join!.Mode, flows["lost"].Join!.After));
        Assert.Equal(["departures", "arrivals"], flows["lost"].Streams.Select(stream => stream.Name));
    }

    public static TheoryData<string, string, string, string> Faults => new()
    {
        // what is replaced, by what, the fault's place, a part of the fault
        { "deduplicate: { by: [origin, scheduled], within: 1h }", "deduplicate: { by: [origin] }", "views.once.deduplicate.within", "all keys would have to be kept for ever" },
        { "deduplicate: { by: [origin, scheduled]", "deduplicate: { by: [scheduled]", "views.once.deduplicate", "found keys without 'origin'" },
        { "deduplicate: { by: [origin, scheduled], within: 1h }", "deduplicate: { by: [origin], within: 0s }", "views.once.deduplicate.within", "found no length" },
        { "count: 10", "count: 0", "views.tens.window.count", "found '0'; expected a number of events" },
        { "count: 10", "count: many", "views.tens.window.count", "found 'many'" },
        { "worst: max(delay)", "nth: max(delay)", "views.tens.window", "found the column 'nth'" },
        { "global: { every: 100 }", "global: {}", "views.ever.window.global.every", "the number of events of a key" },
        { "    window: { count: 10 }", "    window: { count: 10 }\n    allowedLateness: 5s", "views.tens.allowedLateness", "a lateness of windows of a count" },
        { "    window: { count: 10 }", "    window: { count: 10 }\n    emit: { updates: 5s }", "views.tens.emit.updates", "without windows of a length" },
        { "asOf: {} }", "asOf: {}, within: { after: 1h } }", "views.versions.join.within", "found 'within' beside 'asOf'" },
        { "asOf: {} }", "asOf: {}, kind: full }", "views.versions.join.asOf", "found a right or full join" },
        { "on: left.origin = right.origin, asOf", "on: left.origin = right.origin and left.delay > 0, asOf", "views.versions.join.on", "expected equalities only" },
        { "on: left.origin = right.origin, asOf", "on: left.note = right.note, asOf", "views.versions.join.on", "expected left.origin = right.origin among the equalities" },
        { "ends: distance = 0", "ends: distance", "views.latest.join.asOf.ends", "which is int; expected a condition" },
        { "tolerance: 30m", "tolerance: long", "views.latest.join.asOf.tolerance", "found 'long'" },
        { "      within: 2h\n", "", "views.chains.pattern.within", "without it the first would have to be kept for ever" },
        { "within: 2h", "within: 0s", "views.chains.pattern.within", "found no length" },
        { "where: delay > 60", "where: dely > 60", "views.chains.pattern.then.where", "did you mean 'delay'?" },
        { "top: { count: 3, by: [origin]", "top: { count: 3, by: [note]", "views.worst.top.by", "found groups without 'origin'" },
        { "top: { count: 3, by: [origin]", "top: { count: 3, by: [origin, x]", "views.worst.top.by", "found 'x'; expected one of origin, note, flights, late" },
        { "order: [flights desc, late]", "order: [flihgts desc]", "views.worst.top.order", "Did you mean 'flights'?" },
        { "order: [flights desc, late]", "order: [flights down]", "views.worst.top.order", "'asc' or 'desc' after it" },
        { "count: 3,", "count: 0,", "views.worst.top.count", "expected a number from 1 to 1000" },
        { "top: { count: 5, order: [delay desc] }", "top: { count: 5 }", "views.records.top.order", "a list of columns" },
        { "{ origin: origin, delay: delay, scheduled: scheduled }", "{ origin: upper(origin), delay: delay }", "views.records.top", "the stream's key among the columns" },
        { "late: avg(delay)", "rank: avg(delay), late: avg(delay)", "views.worst.top", "found the column 'rank'" },
        { "    top: { count: 3, by: [origin]", "    emit: { updates: 1s }\n    top: { count: 3, by: [origin]", "views.worst.emit.updates", "without 'top'" },
        { "    top: { count: 3, by: [origin]", "    allowedLateness: 1s\n    top: { count: 3, by: [origin]", "views.worst.top", "without allowedLateness" },
        { "not: arrivals", "not: arrivals, then: arrivals", "views.lost.pattern", "found both 'then' and 'not'" },
        { "not: arrivals, ", "", "views.lost.pattern", "found neither 'then' nor 'not'" },
        { "not: arrivals", "not: arivals", "views.lost.pattern.not", "Did you mean 'arrivals'?" },
        { "{ origin: origin, scheduled: scheduled }", "{ origin: left.origin, scheduled: scheduled }", "views.lost.select.origin", "field 'left.origin' is not in the contract" },
        { "    pattern: { first", "    from: departures\n    pattern: { first", "views.lost.from", "found 'from' beside 'pattern'" },
        { "    pattern: { first", "    deduplicate: { by: [origin], within: 1h }\n    pattern: { first", "views.lost.deduplicate", "found 'deduplicate' beside 'pattern'" },
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

    private static TempPipelines Pipelines() => FlowSectionTests.Pipelines(Views);
}
