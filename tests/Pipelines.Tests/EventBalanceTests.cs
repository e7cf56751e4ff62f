namespace RealTimeMesh.Pipelines.Tests;

public sealed class EventBalanceTests
{
    private static readonly EventBalance Balanced = new() { Acked = 100, Applied = 90, DeadLettered = 5, Late = 4, Quarantined = 1, Stored = 94, RepeatsDropped = 3 };

    [Fact]
    public void Counts_that_add_up_miss_nothing_and_have_nothing_twice() =>
        Assert.Equal((94, 0, 0), (Balanced.Expected, Balanced.Missing, Balanced.Surplus));

    [Fact]
    public void What_is_missing_is_the_worse_of_views_and_bronze()
    {
        Assert.Equal(10, (Balanced with { Applied = 80, Stored = 92 }).Missing);
        Assert.Equal(14, (Balanced with { Applied = 80, Stored = 80 }).Missing);
        Assert.Equal(10, (Balanced with { Applied = 80, Stored = 0, HasBronze = false }).Missing);
    }

    [Fact]
    public void An_audit_counts_events_rather_than_rows()
    {
        var twice = Balanced with { DistinctStored = 93 };
        Assert.Equal((1, 1), (twice.Missing, twice.Surplus));
        Assert.Equal((0, 0), (Balanced.Missing, Balanced.Surplus));
    }

    [Fact]
    public void Effects_beyond_what_was_acknowledged_are_a_surplus()
    {
        Assert.Equal(7, (Balanced with { Applied = 97 }).Surplus);
        Assert.Equal(2, (Balanced with { Stored = 96 }).Surplus);
        Assert.Equal(0, (Balanced with { Stored = 96, HasBronze = false }).Surplus);
    }

    [Fact]
    public void What_was_set_aside_and_sent_again_ends_once_more()
    {
        var again = Balanced with { Redriven = 1, AppliedAgain = 1, StoredAgain = 0, Applied = 91 };
        Assert.Equal((94, 0, 0), (again.Expected, again.Missing, again.Surplus));
        Assert.Equal(1, (again with { Applied = 90 }).Missing);
        Assert.Equal(1, (again with { Stored = 95 }).Surplus);
        Assert.Equal((0, 0), Balanced with { Redriven = 1, AppliedAgain = 0, StoredAgain = 1, Stored = 95, DistinctStored = 95 } is var stored ? (stored.Missing, stored.Surplus) : default);
    }

    [Fact]
    public void An_event_that_only_bronze_sets_aside_is_applied_all_the_same()
    {
        var setAside = Balanced with { Quarantined = 4, NotApplied = 1, NotStored = 4, Stored = 91 };
        Assert.Equal((91, 0, 0), (setAside.Expected, setAside.Missing, setAside.Surplus));
        Assert.Equal(1, (setAside with { Stored = 90 }).Missing);
        Assert.Equal(1, (setAside with { Applied = 91 }).Surplus);
    }
}
