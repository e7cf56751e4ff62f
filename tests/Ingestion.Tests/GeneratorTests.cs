using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Generators;
using RealTimeMesh.Ingestion.Sources;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class GeneratorTests
{
    private const int Count = 50_000;

    internal static AvroContract Trade { get; } = AvroContract.Parse("""
        {"type":"record","name":"Trade","namespace":"market","fields":[
          {"name":"trade_id","type":"string"},{"name":"symbol","type":"string"},{"name":"price","type":"double"},{"name":"quantity","type":"long"},
          {"name":"side","type":"string"},{"name":"account","type":"string"},{"name":"executed_at","type":{"type":"long","logicalType":"timestamp-micros"}}]}
        """);

    private static AvroContract Quote { get; } = AvroContract.Parse("""
        {"type":"record","name":"Quote","namespace":"market","fields":[
          {"name":"quote_id","type":"string"},{"name":"symbol","type":"string"},{"name":"bid","type":"double"},{"name":"ask","type":"double"},
          {"name":"bid_size","type":"long"},{"name":"ask_size","type":"long"},{"name":"quoted_at","type":{"type":"long","logicalType":"timestamp-micros"}}]}
        """);

    [Fact]
    public void Trades_have_the_faults_they_promise_and_prices_that_walk()
    {
        var (batch, missing) = Read(new TradesGenerator(), Trade, 42);
        var ids = (StringColumn)batch.Find("trade_id")!;
        var prices = (Float64Column)batch.Find("price")!;
        var sides = (StringColumn)batch.Find("side")!;
        var times = (Int64Column)batch.Find("executed_at")!;
        var symbols = (StringColumn)batch.Find("symbol")!;
        Assert.InRange(Count - missing - ids.Values.ToArray().Distinct().Count(), Count / 150, Count / 70);
        Assert.InRange(missing, 5, 40);
        Assert.InRange(prices.Values.ToArray().Count(price => price < 0), 5, 40);
        Assert.InRange(sides.Values.ToArray().Count(side => side is not ("BUY" or "SELL")), 5, 40);
        Assert.Equal(50, symbols.Values.ToArray().Distinct().Count());
        long latest = 0;
        int late = 0, minutes = 0;
        var walks = new Dictionary<string, List<double>>();
        for (var i = 0; i < batch.Count; i++)
        {
            latest = Math.Max(latest, times[i]);
            late += times[i] < latest ? 1 : 0;
            minutes += latest - times[i] > 50_000_000 ? 1 : 0;
            if (prices[i] > 0)
                (walks.TryGetValue(symbols[i], out var walk) ? walk : walks[symbols[i]] = []).Add(prices[i]);
        }

        Assert.InRange(late, Count / 2, Count);
        Assert.InRange(minutes, 5, 100);
        Assert.All(walks.Values, walk =>
        {
            Assert.True(walk.Max() > walk.Min(), "a price stands still");
            Assert.True(walk.Max() / walk.Min() < 1.5, "a price jumps");
        });
    }

    [Fact]
    public void Quotes_are_all_sound_and_their_ask_is_above_their_bid()
    {
        var (batch, missing) = Read(new QuotesGenerator(), Quote, 42);
        Assert.Equal(0, missing);
        var bids = (Float64Column)batch.Find("bid")!;
        var asks = (Float64Column)batch.Find("ask")!;
        for (var i = 0; i < batch.Count; i++)
            Assert.True(asks[i] > bids[i] && bids[i] > 0, $"row {i}: bid {bids[i]}, ask {asks[i]}");
    }

    [Fact]
    public void A_row_depends_on_nothing_but_seed_and_number()
    {
        var generator = new TradesGenerator();
        var forwards = Enumerable.Range(0, 2_000).Select(row => Json(generator, 42, row)).ToArray();
        var backwards = Enumerable.Range(0, 2_000).Reverse().Select(row => Json(new TradesGenerator(), 42, row)).Reverse().ToArray();
        Assert.Equal(forwards, backwards);
        Assert.NotEqual(forwards, Enumerable.Range(0, 2_000).Select(row => Json(generator, 43, row)));
    }

    [Fact]
    public async Task A_pacer_lets_batches_through_when_their_event_time_is_due()
    {
        var time = new FakeTimeProvider();
        var pacer = new ReplayPacer(speed: 60, maxRows: 1_000, time);
        await pacer.WaitAsync(0, 10, default);
        var waiting = pacer.WaitAsync(60_000_000, 10, default);
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting;
        // Ten rows took a second of wall time: the next batch is to be smaller.
        Assert.Equal(5, pacer.BatchRows);
        Assert.True(new ReplayPacer(null, 1_000, time).WaitAsync(long.MaxValue, 1, default).IsCompleted);
    }

    [Theory]
    [InlineData("", null, false, null)]
    [InlineData("", 600.0, false, 600.0)]
    [InlineData("max", 600.0, false, null)]
    [InlineData("off", null, true, null)]
    [InlineData("2.5", 600.0, false, 2.5)]
    public void The_hosts_replay_wins_over_the_sources_own(string setting, double? declared, bool off, double? speed) =>
        Assert.Equal(new ReplayRate(off, speed), ReplayRate.Of(setting, declared));

    [Theory]
    [InlineData("fast")]
    [InlineData("0")]
    [InlineData("-1")]
    public void A_replay_that_means_nothing_is_refused(string setting) =>
        Assert.Contains(setting, Assert.Throws<RealTimeMeshException>(() => ReplayRate.Of(setting, null)).Message);

    private static (ColumnBatch Batch, int Missing) Read(IEventGenerator generator, AvroContract contract, long seed)
    {
        var reader = new JsonRowReader(contract.Rows);
        var batch = new ColumnBatch(contract.Rows);
        var missing = 0;
        for (var row = 0; row < Count; row++)
        {
            if (!reader.TryRead(JsonBytes(generator, seed, row), batch, out var fault))
            {
                Assert.Equal(("symbol", "missing"), (fault.Field, fault.Rule));
                missing++;
            }
        }

        return (batch, missing);
    }

    private static string Json(IEventGenerator generator, long seed, long row) => System.Text.Encoding.UTF8.GetString(JsonBytes(generator, seed, row));

    private static byte[] JsonBytes(IEventGenerator generator, long seed, long row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        generator.Write(json, seed, row);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
