using RealTimeMesh.Streaming;

namespace RealTimeMesh.Benchmarks.Nexmark;

/// <summary>A query of the suite: as a logical plan, and in DuckDB's SQL over all events at once.</summary>
/// <param name="Name">Such as <c>q5</c>.</param>
/// <param name="Plan">Makes the plan over the events.</param>
/// <param name="Columns">Columns of the plan's rows that the SQL gives too, in its order.</param>
/// <param name="Sql">Over the table <c>events</c>; times are microseconds.</param>
internal sealed record NexmarkQuery(string Name, Func<Flow, Flow> Plan, IReadOnlyList<string> Columns, string Sql)
{
    private static readonly TimeSpan s_ten = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_two = TimeSpan.FromSeconds(2);

    private const string HotItems = """
        with counts as (
            select auction, e.w as window_end, count(*) as n from (select auction, unnest(range(((date_time // 2000000) + 1) * 2000000, ((date_time // 2000000) + 6) * 2000000, 2000000)) as w from events where event_type = 2) e group by all)
        select auction, n, window_end from counts qualify n = max(n) over (partition by window_end)
        """;

    public static IReadOnlyList<NexmarkQuery> All { get; } =
    [
        new("q0", Bids, ["auction", "bidder", "price", "date_time"], "select auction, bidder, price, date_time from events where event_type = 2"),
        new("q1", events => Bids(events).Select(("auction", "auction"), ("bidder", "bidder"), ("price", "0.908 * price"), ("date_time", "date_time")), ["auction", "bidder", "price", "date_time"],
            "select auction, bidder, 0.908::double * price, date_time from events where event_type = 2"),
        new("q2", events => events.Where("event_type = 2 and auction % 123 = 0").Select(("auction", "auction"), ("price", "price")), ["auction", "price"],
            "select auction, price from events where event_type = 2 and auction % 123 = 0"),
        new("q5", Hottest, ["auction", "n", "window_end"], HotItems),
        new("q7", Highest, ["auction", "price", "bidder", "date_time"],
            "select auction, price, bidder, date_time from events where event_type = 2 qualify price = max(price) over (partition by date_time // 10000000)"),
        new("q8", Newcomers, ["id", "name", "window_start"],
            """
            select distinct p.id, p.name, p.date_time // 10000000 * 10000000 from events p join events a on p.id = a.seller and p.date_time // 10000000 = a.date_time // 10000000
            where p.event_type = 0 and a.event_type = 1
            """),
        new("q11", events => Bids(events).Window(FlowWindow.Session(s_ten), ["bidder"], TimeSpan.Zero, ("n", "count(*)")), ["bidder", "n", "window_start", "window_end"],
            """
            with marked as (select bidder, date_time, case when date_time - lag(date_time) over (partition by bidder order by date_time) < 10000000 then 0 else 1 end as opens from events where event_type = 2),
            numbered as (select bidder, date_time, sum(opens) over (partition by bidder order by date_time) as session from marked)
            select bidder, count(*), min(date_time), max(date_time) + 10000000 from numbered group by bidder, session
            """),
    ];

    private static Flow Bids(Flow events) => events.Where("event_type = 2").Select(("auction", "auction"), ("bidder", "bidder"), ("price", "price"), ("date_time", "date_time"));

    /// <summary>The auctions with the most bids of the last ten seconds, every two.</summary>
    private static Flow Hottest(Flow events)
    {
        var counts = events.Where("event_type = 2").Window(FlowWindow.Hopping(s_ten, s_two), ["auction"], TimeSpan.Zero, ("n", "count(*)"));
        var most = counts.Window(FlowWindow.Tumbling(s_two), [], TimeSpan.Zero, ("n", "max(n)"));
        return counts.Join(most, "left.n = right.n", TimeSpan.Zero, TimeSpan.Zero).Select(("auction", "left.auction"), ("n", "left.n"), ("window_end", "left.window_end"));
    }

    /// <summary>The highest bids of each ten seconds: the highest price, and the bids of that price that came before the window's end.</summary>
    private static Flow Highest(Flow events)
    {
        var bids = Bids(events);
        var highest = bids.Window(FlowWindow.Tumbling(s_ten), [], TimeSpan.Zero, ("price", "max(price)"));
        return bids.Join(highest, "left.price = right.price", TimeSpan.Zero, s_ten - TimeSpan.FromMicroseconds(1))
            .Select(("auction", "left.auction"), ("price", "left.price"), ("bidder", "left.bidder"), ("date_time", "left.date_time"));
    }

    /// <summary>People who came and opened an auction within the same ten seconds.</summary>
    private static Flow Newcomers(Flow events)
    {
        var people = events.Where("event_type = 0").Window(FlowWindow.Tumbling(s_ten), ["id", "name"], TimeSpan.Zero, ("n", "count(*)"));
        var sellers = events.Where("event_type = 1").Window(FlowWindow.Tumbling(s_ten), ["seller"], TimeSpan.Zero, ("n", "count(*)"));
        return people.Join(sellers, "left.id = right.seller", TimeSpan.Zero, TimeSpan.Zero).Select(("id", "left.id"), ("name", "left.name"), ("window_start", "left.window_start"));
    }
}
