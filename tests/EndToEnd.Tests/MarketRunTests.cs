using System.Text.Json;

namespace RealTimeMesh.EndToEnd.Tests;

public sealed class MarketRunTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task Market_run_balances_with_duplicates_late_trades_and_bad_rows_and_positions_add_up()
    {
        var data = HostProcess.NewFolder("market");
        var summary = Path.Combine(data, "out.json");
        await using var host = HostProcess.Start(data, "--pipeline", "market", "--replay", "max", "--until-drained", "--fresh", "--free-ports", "--no-console", "--summary", summary);
        Assert.True(await host.ExitAsync(Cancel) == 0, host.Output);
        var result = JsonDocument.Parse(await File.ReadAllTextAsync(summary, Cancel)).RootElement;
        long Count(string name) => result.GetProperty(name).GetInt64();
        Assert.Equal(120_000, Count("acked"));
        Assert.Equal((0, 0), (Count("lost"), Count("duplicated")));
        Assert.True(Count("dead_lettered") > 0, "bad rows are dead-lettered");
        Assert.True(Count("late") > 0, "trades that come minutes late are late");

        // The venue's duplicates are in bronze, and counted once in silver and in the positions.
        var bronze = LakeReader.Scan(LakeReader.Table(data, "market", "bronze", "trades"));
        var expected = LakeReader.Rows(
            $"""
            select account, symbol, count(*), cast(sum(case when side = 'BUY' then quantity else -quantity end) as bigint)
            from (select distinct on (trade_id) * from {bronze} order by trade_id, _partition, _offset) group by all
            """);
        var gold = LakeReader.Rows($"select account, symbol, trades, net_quantity from {LakeReader.Scan(LakeReader.Table(data, "market", "gold", "positions"))}");
        Assert.Equal(expected, gold);
        Assert.NotEqual(LakeReader.Rows($"select count(*) from {bronze}"), LakeReader.Rows($"select count(distinct trade_id) from {bronze}"));
    }
}
