namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>Steps that take rows in the order of their times, as views are written with them: what they give is what brute force gives, whatever the deliveries, restarts and failing commits.</summary>
public sealed class FlowOperatorTests
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(1000);

    [Fact]
    public Task Duplicates_within_the_horizon_are_left_out()
    {
        var flow = Flow.From(FlowRun.Stream("left")).Deduplicate(["k"], TimeSpan.FromMilliseconds(300)).Select(("k", "k"), ("at", "at"), ("v", "v"));
        return FlowPlannerTests.CompareAsync(Plan(flow, ["k", "at"]), "test.rows", items =>
        {
            HashSet<string> rows = [];
            Dictionary<string, long> first = [];
            foreach (var item in items.OrderBy(item => item.Time))
            {
                if (first.TryGetValue(item.Key ?? "", out var time) && item.Time < time + 300)
                    continue;
                first[item.Key ?? ""] = item.Time!.Value;
                rows.Add($"{item.Key ?? "null"}|{item.Time}|{Value(item.Value)}");
            }

            return rows;
        }, row => $"{FlowPlannerTests.Text(row, "k")}|{FlowPlannerTests.Millis(row, "at")}|{FlowPlannerTests.Text(row, "v")}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(600)]
    public Task Rows_have_the_latest_row_of_the_other_topic(int? tolerance)
    {
        var flow = Flow.From(FlowRun.Stream("left"))
            .JoinAsOf(Flow.From(FlowRun.Stream("right")).Where("v is not null"), "left.k = right.k", tolerance is { } most ? TimeSpan.FromMilliseconds(most) : null, JoinKind.Left)
            .Select(("k", "left.k"), ("l", "left.v"), ("at", "left.at"), ("r", "right.v"), ("other", "right.at"));
        return FlowPlannerTests.CompareAsync(Plan(flow, ["k", "l", "at", "r", "other"]), "test.rows", items =>
        [
            .. items.Where(item => item.Source == 0).Select(left =>
            {
                var right = items.Where(item => item.Source == 1 && item.Value is not null && left.Key is not null && item.Key == left.Key && item.Time <= left.Time && (tolerance is null || item.Time >= left.Time - tolerance))
                    .OrderBy(item => item.Time).Select(item => (FlowItem?)item).LastOrDefault();
                return $"{left.Key ?? "null"}|{Value(left.Value)}|{left.Time}|{Value(right?.Value)}|{Value(right?.Time)}";
            }),
        ], row => $"{FlowPlannerTests.Text(row, "k")}|{FlowPlannerTests.Text(row, "l")}|{FlowPlannerTests.Millis(row, "at")}|{FlowPlannerTests.Text(row, "r")}|{FlowPlannerTests.Millis(row, "other")}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Rows_of_one_topic_are_given_with_what_followed_or_because_nothing_did(bool isAbsent)
    {
        // Rows from 10 to 19 are both, and are not followed by themselves.
        var events = Flow.From(FlowRun.Stream("left"));
        var (first, second) = (events.Where("v >= 10"), events.Where("v < 20"));
        var within = TimeSpan.FromMilliseconds(400);
        var flow = isAbsent
            ? first.NotFollowedBy(second, "left.k = right.k", within).Select(("k", "k"), ("at", "at"), ("v", "v"))
            : first.FollowedBy(second, "left.k = right.k", within).Select(("k", "left.k"), ("at", "left.at"), ("v", "left.v"), ("r", "right.v"), ("other", "right.at"));
        return FlowPlannerTests.CompareAsync(Plan(flow, isAbsent ? ["k", "at", "v"] : ["k", "at", "v", "r", "other"]), "test.rows", items =>
        {
            HashSet<string> rows = [];
            var ordered = items.OrderBy(item => item.Time).ToList();
            for (var i = 0; i < ordered.Count; i++)
            {
                var item = ordered[i];
                if (item.Value is null or < 10)
                    continue;
                var next = item.Key is null ? null : ordered.Skip(i + 1).Where(other => other.Key == item.Key && other.Value < 20 && other.Time <= item.Time + 400).Select(other => (FlowItem?)other).FirstOrDefault();
                if (isAbsent == next is null)
                    rows.Add($"{item.Key ?? "null"}|{item.Time}|{item.Value}" + (isAbsent ? "" : $"|{Value(next?.Value)}|{next?.Time}"));
            }

            return rows;
        }, row => $"{FlowPlannerTests.Text(row, "k")}|{FlowPlannerTests.Millis(row, "at")}|{FlowPlannerTests.Text(row, "v")}" + (isAbsent ? "" : $"|{FlowPlannerTests.Text(row, "r")}|{FlowPlannerTests.Millis(row, "other")}"));
    }

    [Fact]
    public Task Windows_of_a_count_are_numbered_by_key()
    {
        var flow = Flow.From(FlowRun.Stream("left")).Window(FlowWindow.Count(3), ["k"], TimeSpan.Zero, ("n", "count(*)"), ("total", "sum(v)"));
        return FlowPlannerTests.CompareAsync(Plan(flow, ["k", "nth"]), "test.rows", items =>
        [
            .. items.OrderBy(item => item.Time).GroupBy(item => item.Key).SelectMany(group => group.Chunk(3).Where(chunk => chunk.Length == 3)
                .Select((chunk, index) => $"{group.Key ?? "null"}|{index + 1}|{chunk[0].Time}|{(chunk.All(item => item.Value is null) ? "null" : Value(chunk.Sum(item => item.Value ?? 0)))}")),
        ], row => $"{FlowPlannerTests.Text(row, "k")}|{FlowPlannerTests.Text(row, "nth")}|{FlowPlannerTests.Millis(row, "start")}|{FlowPlannerTests.Text(row, "total")}");
    }

    [Fact]
    public Task Global_window_keeps_one_row_of_a_key()
    {
        var flow = Flow.From(FlowRun.Stream("left")).Window(FlowWindow.Global(4), ["k"], TimeSpan.Zero, ("n", "count(*)"));
        return FlowPlannerTests.CompareAsync(Plan(flow, ["k"]), "test.rows", items =>
            [.. items.GroupBy(item => item.Key).Where(group => group.Count() >= 4).Select(group => $"{group.Key ?? "null"}|{group.Count() / 4 * 4}|{group.Count() / 4}")],
            row => $"{FlowPlannerTests.Text(row, "k")}|{FlowPlannerTests.Text(row, "n")}|{FlowPlannerTests.Text(row, "nth")}");
    }

    [Fact]
    public void Wrong_steps_are_refused_when_they_are_written()
    {
        var (left, right) = (Flow.From(FlowRun.Stream("left")), Flow.From(FlowRun.Stream("right")));
        Assert.Contains("at least one field", Fault(() => left.Deduplicate([], Long)), StringComparison.Ordinal);
        Assert.Contains("key field 'x'", Fault(() => left.Deduplicate(["x"], Long)), StringComparison.Ordinal);
        Assert.Contains("expected equalities only", Fault(() => left.JoinAsOf(right, "left.k = right.k and left.v > right.v")), StringComparison.Ordinal);
        Assert.Contains("expected 0 or more", Fault(() => left.JoinAsOf(right, "left.k = right.k", -Long)), StringComparison.Ordinal);
        Assert.Contains("expected Inner or Left", Fault(() => left.JoinAsOf(right, "left.k = right.k", null, JoinKind.Full)), StringComparison.Ordinal);
        Assert.Contains("expected Boolean", Fault(() => left.JoinAsOf(right, "left.k = right.k", ends: "v")), StringComparison.Ordinal);
        Assert.Contains("what follows comes later", Fault(() => left.FollowedBy(right, "left.k = right.k", -Long)), StringComparison.Ordinal);
        Assert.Contains("no equality", Fault(() => left.NotFollowedBy(right, "left.v > right.v", Long)), StringComparison.Ordinal);
        Assert.Contains("expected 1 or more", Fault(() => FlowWindow.Count(0)), StringComparison.Ordinal);
        Assert.Contains("expected none in windows of a count", Fault(() => left.Window(FlowWindow.Count(2), ["k"], Long, ("n", "count(*)"))), StringComparison.Ordinal);
    }

    private static string Fault(Action write) => Assert.Throws<StreamingException>(write).Message;

    private static string Value(long? value) => value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null";

    private static TaskPlan Plan(Flow flow, IReadOnlyList<string> by) => FlowPlanner.Plan("rows", [new FlowView("test.rows", flow.Node) { By = by, Retain = Long }]);
}
