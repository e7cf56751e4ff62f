using RealTimeMesh.Console.Snapshots;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Console.Tests;

public sealed class LedgerTests
{
    private static readonly EventBalance s_balanced = new() { Acked = 100, Applied = 90, DeadLettered = 5, Late = 4, Quarantined = 1, Stored = 94, RepeatsDropped = 3 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Counts_that_add_up_are_balanced_whether_or_not_they_move(bool settled)
    {
        var ledger = LedgerSnapshot.Of(s_balanced, known: true, settled);

        Assert.Equal(("balanced", 0, 0, 0), (ledger.State, ledger.InFlight, ledger.Lost, ledger.Duplicated));
    }

    [Fact]
    public void A_difference_is_in_flight_while_counters_move_and_a_loss_when_they_stand_still()
    {
        var moving = LedgerSnapshot.Of(s_balanced with { Applied = 80 }, known: true, settled: false);
        var still = LedgerSnapshot.Of(s_balanced with { Applied = 80 }, known: true, settled: true);

        Assert.Equal(("in_flight", 10, 0), (moving.State, moving.InFlight, moving.Lost));
        Assert.Equal(("unbalanced", 0, 10), (still.State, still.InFlight, still.Lost));
    }

    [Fact]
    public void Effects_beyond_what_was_acknowledged_are_duplicates_in_views_and_in_bronze()
    {
        Assert.Equal(7, LedgerSnapshot.Of(s_balanced with { Applied = 97 }, known: true, settled: true).Duplicated);
        Assert.Equal(2, LedgerSnapshot.Of(s_balanced with { Stored = 96 }, known: true, settled: true).Duplicated);
        Assert.Equal(0, LedgerSnapshot.Of(s_balanced with { Stored = 0, HasBronze = false }, known: true, settled: true).Lost);
    }

    [Fact]
    public void Nothing_is_called_lost_while_a_service_that_counts_is_not_answering()
    {
        var ledger = LedgerSnapshot.Of(s_balanced with { Stored = 0 }, known: false, settled: true);

        Assert.Equal(("unknown", 0), (ledger.State, ledger.Lost));
    }

    [Fact]
    public void A_sum_is_as_bad_as_its_worst_part()
    {
        var good = LedgerSnapshot.Of(s_balanced, known: true, settled: true);
        var bad = LedgerSnapshot.Of(s_balanced with { Applied = 80 }, known: true, settled: true);

        var sum = LedgerSnapshot.Sum([good, bad]);

        Assert.Equal(("unbalanced", 200, 10), (sum.State, sum.Acked, sum.Lost));
    }
}
