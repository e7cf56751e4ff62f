using System.Text.Json;

namespace RealTimeMesh.Streaming.Tests;

/// <summary>The aggregates of a window's events by LINQ.</summary>
internal static class Expectations
{
    public static void All(JsonElement row, List<(Sent Event, Trade Trade)> members)
    {
        double[] prices = [.. members.Where(m => m.Trade.Price is not null).Select(m => m.Trade.Price!.Value).Order()];
        double[] products = [.. members.Where(m => m.Trade is { Size: not null, Price: not null }).Select(m => m.Trade.Size!.Value * m.Trade.Price!.Value)];
        long[] sizes = [.. members.Where(m => m.Trade.Size is not null).Select(m => m.Trade.Size!.Value)];
        string[] venues = [.. members.Where(m => m.Trade.Venue is not null).Select(m => m.Trade.Venue!)];
        var ordered = members.OrderBy(m => m.Trade.Second).ThenBy(m => m.Event.Offset).Select(m => m.Trade).ToArray();
        Assert.Equal(members.Count, row.GetProperty("n").GetInt64());
        Assert.Equal(sizes.Length, row.GetProperty("sized").GetInt64());
        Assert.Equal(venues.Distinct().Count(), row.GetProperty("venues").GetInt64());
        Near(row, "total", sizes.Length == 0 ? null : sizes.Sum());
        Near(row, "turnover", products.Length == 0 ? null : products.Sum());
        Near(row, "mean", sizes.Length == 0 ? null : sizes.Average());
        Near(row, "low", prices.Length == 0 ? null : prices[0]);
        Near(row, "high", prices.Length == 0 ? null : prices[^1]);
        Assert.Equal(venues.Length == 0 ? null : venues.Min(StringComparer.Ordinal), row.GetProperty("least").GetString());
        Near(row, "opening", ordered.FirstOrDefault(trade => trade.Price is not null)?.Price);
        Assert.Equal(ordered.LastOrDefault(trade => trade.Venue is not null)?.Venue, row.GetProperty("closing").GetString());
        Near(row, "spread", prices.Length < 2 ? null : Math.Sqrt(prices.Sum(p => Math.Pow(p - prices.Average(), 2)) / (prices.Length - 1)));
        Near(row, "p75", prices.Length == 0 ? null : Quantile(prices, 0.75));
        Assert.Equal(TestStreams.Time(ordered[^1].Second!.Value), row.GetProperty("latest").GetString());
    }

    public static void Some(JsonElement row, List<(Sent Event, Trade Trade)> members)
    {
        double[] prices = [.. members.Where(m => m.Trade.Price is not null).Select(m => m.Trade.Price!.Value)];
        Assert.Equal(members.Count, row.GetProperty("n").GetInt64());
        Near(row, "mean", prices.Length == 0 ? null : prices.Average());
        Near(row, "total", members.Sum(m => m.Trade.Size!.Value));
    }

    public static double Quantile(double[] sorted, double q)
    {
        var rank = q * (sorted.Length - 1);
        var below = (int)Math.Floor(rank);
        return below + 1 == sorted.Length ? sorted[below] : sorted[below] + (sorted[below + 1] - sorted[below]) * (rank - below);
    }

    private static void Near(JsonElement row, string column, double? expected)
    {
        var found = row.GetProperty(column);
        if (expected is null)
            Assert.Equal(JsonValueKind.Null, found.ValueKind);
        else
            Assert.Equal(expected.Value, found.GetDouble(), 1e-9 * Math.Max(1, Math.Abs(expected.Value)));
    }
}
