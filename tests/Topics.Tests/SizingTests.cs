using RealTimeMesh.Topics.Sizing;

namespace RealTimeMesh.Topics.Tests;

public sealed class SizingTests
{
    [Fact]
    public void A_cluster_is_sized_by_what_it_lacks_first_and_every_figure_has_its_formula()
    {
        // 10,000/s of 1,000 B, thrice at peak: 30 MB/s in; a week of three copies is 18,144 GB.
        var size = ClusterSizer.Size("base", new SizingRequest { EventsPerSecond = 10_000, EventBytes = 1000, BrokerPrice = 100, DiskGbPrice = 0.1 });
        Assert.Equal(30_000, size.PeakEventsPerSecond);
        Assert.Equal((90, 120), (size.NetworkInMb, size.NetworkOutMb));
        Assert.Equal(18_144, size.StorageGb, 6);
        Assert.Equal(13, size.Disks);
        Assert.Equal(("disk", 7), (size.Limits[0].By, size.Limits[0].Brokers));
        Assert.Equal(8, size.Brokers);
        Assert.Equal(0, size.Partitions % size.Brokers);
        Assert.Equal((8 * 100) + (13 * 2000 * 0.1), size.CostPerMonth!.Value, 6);
        Assert.All(size.Steps, step => Assert.NotEmpty(step.Formula));
        Assert.Null(ClusterSizer.Size("free", new SizingRequest { EventsPerSecond = 1, EventBytes = 1 }).CostPerMonth);
    }

    [Fact]
    public async Task What_if_answers_stand_beside_the_base_and_wrong_figures_are_named()
    {
        await using var mesh = await TopicsMesh.StartAsync();
        var whatIf = new Dictionary<string, object> { ["short"] = new { retentionDays = 1 }, ["twice"] = new { eventsPerSecond = 20_000 } };
        var results = await mesh.PostAsync("/v1/sizing", new { @base = new { eventsPerSecond = 10_000, eventBytes = 1000, rates = new { append = 50_000 } }, whatIf });
        Assert.Equal(["base", "short", "twice"], results.EnumerateArray().Select(result => result.GetProperty("name").GetString()));
        Assert.True(results[1].GetProperty("brokers").GetInt32() < results[0].GetProperty("brokers").GetInt32());
        Assert.True(results[2].GetProperty("brokers").GetInt32() > results[0].GetProperty("brokers").GetInt32());
        var wrong = await mesh.PostAsync("/v1/sizing", new { @base = new { eventsPerSecond = 0, eventBytes = 1 } }, 400);
        Assert.Contains("eventsPerSecond", wrong.GetProperty("error").GetString(), StringComparison.Ordinal);
        await mesh.PostAsync("/v1/sizing", new { @base = new { eventsPerSecond = 1, eventBytes = 1 }, whatIf = new { x = new { nonsense = 1 } } }, 400);
        Assert.NotEmpty((await mesh.GetAsync("/v1/sizing/rates")).GetProperty("rates").EnumerateArray());
    }
}
