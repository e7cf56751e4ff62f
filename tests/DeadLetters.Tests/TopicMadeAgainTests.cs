using RealTimeMesh.Components;

namespace RealTimeMesh.DeadLetters.Tests;

/// <summary>Dead-letter topics that were deleted and made again: their offsets begin anew.</summary>
public sealed class TopicMadeAgainTests : IDisposable
{
    private const string Topic = "orders.dlq";

    private readonly string _folder = Directory.CreateTempSubdirectory("letters-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(5, false)]
    [InlineData(40, false)]
    [InlineData(200, false)]
    [InlineData(40, true)]
    [InlineData(200, true)]
    public async Task All_letters_of_the_new_topic_are_collected_beside_the_old_ones(int count, bool keepsPosition)
    {
        await using (var mesh = await LettersMesh.StartAsync(_folder))
        {
            await PublishAsync(mesh.Broker, "old", 40);
            await LettersMesh.UntilAsync(async () => await mesh.CountAsync() == 40 && await IsCommittedAsync(mesh.Broker));
        }

        await using (var broker = await LettersMesh.OpenLogAsync(_folder))
        {
            var committed = await broker.GetCommittedAsync(Topic, "dead-letters", default);
            await Admin(broker).DeleteTopicAsync(Topic, default);
            await PublishAsync(broker, "new", count);
            // A broker may keep the positions of groups.
            foreach (var (partition, offset) in keepsPosition ? committed : new Dictionary<int, long>())
                await broker.SeekAsync(Topic, "dead-letters", partition, offset, default);
        }

        for (var run = 0; run < 2; run++)
        {
            // The second time nothing is new.
            await using var mesh = await LettersMesh.StartAsync(_folder);
            await LettersMesh.UntilAsync(async () => await mesh.CountAsync() >= 40 + count && await IsCommittedAsync(mesh.Broker));
            Assert.Equal(40 + count, await mesh.CountAsync());
            Assert.Equal(40, (await mesh.GetAsync("/v1/letters?text=old&limit=500")).GetProperty("items").GetArrayLength());
            var items = (await mesh.GetAsync("/v1/letters?text=new&limit=500")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).ToHashSet();
            Assert.Equal(count, items.Count);
            Assert.Equal(0, (await mesh.GetAsync("/v1/sources")).GetProperty("topics").EnumerateArray().Single(topic => topic.GetProperty("topic").GetString() == Topic).GetProperty("behind").GetInt64());
            await mesh.GetAsync($"/v1/letters/{items.First()}");
        }
    }

    [Fact]
    public async Task A_topic_that_is_delivered_again_whole_gives_no_letter_twice()
    {
        await using (var mesh = await LettersMesh.StartAsync(_folder))
        {
            await PublishAsync(mesh.Broker, "old", 40);
            await LettersMesh.UntilAsync(async () => await mesh.CountAsync() == 40 && await IsCommittedAsync(mesh.Broker));
        }

        await using (var broker = await LettersMesh.OpenLogAsync(_folder))
        {
            foreach (var partition in await broker.GetWatermarksAsync(Topic, default))
                await broker.SeekAsync(Topic, "dead-letters", partition.Partition, partition.Low, default);
            await PublishAsync(broker, "more", 7);
        }

        await using var again = await LettersMesh.StartAsync(_folder);
        await LettersMesh.UntilAsync(async () => await again.CountAsync() >= 47 && await IsCommittedAsync(again.Broker));
        Assert.Equal(47, await again.CountAsync());
        Assert.DoesNotContain((await again.Store.FactsAsync(default)).Partitions, partition => partition.Next > 47);
    }

    private static IBrokerAdmin Admin(IPubSubBroker broker) => ((IAdministeredBroker)broker).Administration;

    private static async Task<bool> IsCommittedAsync(IPubSubBroker broker)
    {
        var committed = await broker.GetCommittedAsync(Topic, "dead-letters", default);
        return (await broker.GetWatermarksAsync(Topic, default)).All(partition => committed.GetValueOrDefault(partition.Partition) >= partition.High);
    }

    private static async Task PublishAsync(IPubSubBroker broker, string word, int count)
    {
        var messages = Enumerable.Range(0, count).Select(n => new OutgoingMessage($"k{n}", Records.Value(Records.Record($"{word} {n}", consumer: "shop", topic: "orders")), MessageHeaders.From([new("ce_id", $"{word}-{n}")])));
        Assert.True((await broker.PublishAsync(Topic, [.. messages], default)).Succeeded);
    }
}
