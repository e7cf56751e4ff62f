namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>A row of a random stream: key, event time in milliseconds, value.</summary>
internal readonly record struct Item(string? Key, long Time, long? Value)
{
    /// <summary>Random rows whose times wander forward, with disorder, ties, gaps, NULLs.</summary>
    public static List<Item> Random(Random random, int count, int keys, int disorder)
    {
        List<Item> items = [];
        long now = random.Next(-5_000, 5_000);
        for (var i = 0; i < count; i++)
        {
            now += random.Next(20) == 0 ? random.Next(3_000) : random.Next(120);
            items.Add(new Item(
                random.Next(30) == 0 ? null : $"k{random.Next(keys)}",
                now - (random.Next(3) == 0 ? random.Next(disorder) : 0),
                random.Next(15) == 0 ? null : random.Next(-50, 50)));
        }

        return items;
    }
}
