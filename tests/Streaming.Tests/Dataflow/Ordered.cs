namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>What steps see that take rows in the order of their times.</summary>
internal static class Ordered
{
    /// <summary>The rows that event time had not passed when they came.</summary>
    public static List<Item> OnTime(List<Item> items, long outOfOrder)
    {
        List<Item> onTime = [];
        var largest = long.MinValue;
        foreach (var item in items)
        {
            if (largest == long.MinValue || item.Time >= largest - outOfOrder)
                onTime.Add(item);
            largest = Math.Max(largest, item.Time);
        }

        return onTime;
    }

    /// <summary>In the order of time; of one time, in the order they came.</summary>
    public static IEnumerable<Item> ByTime(IEnumerable<Item> items) => items.OrderBy(item => item.Time);
}
