using System.Reflection;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Tests;

/// <summary>Ten thousand topics and a thousand groups: lists come in pages, and what a page costs the broker does not grow with what it holds.</summary>
public sealed class ScaleTests
{
    private const int Topics = 10_000;
    private const int Groups = 1_000;
    private const int TopicsOfGroup = 5;

    [Fact]
    public async Task Ten_thousand_topics_are_listed_in_pages_each_once_and_in_order()
    {
        await using var broker = await StartLogAsync();
        await using var mesh = await TopicsMesh.StartAsync(wrap: _ => broker.Administration);
        await FillAsync(broker, groups: 0);

        var first = await mesh.GetAsync("/v1/topics");
        Assert.Equal((50, Topics), (first.GetProperty("items").GetArrayLength(), first.GetProperty("total").GetInt32()));
        Assert.Equal(Enumerable.Range(0, Topics).Select(Topic), await WalkAsync(mesh, "/v1/topics?limit=500", item => item.GetProperty("name").GetString()!));
        var found = await mesh.GetAsync("/v1/topics?search=TOPIC-0999");
        Assert.Equal(10, found.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task The_lag_of_a_thousand_groups_is_asked_for_at_once_and_not_group_by_group()
    {
        await using var broker = await StartLogAsync();
        var calls = new List<string>();
        await using var mesh = await TopicsMesh.StartAsync(wrap: _ => CountedAdmin.Over(broker.Administration, calls));
        await FillAsync(broker, Groups);

        var page = await mesh.GetAsync("/v1/groups?limit=500");
        Assert.Equal((500, Groups), (page.GetProperty("items").GetArrayLength(), page.GetProperty("total").GetInt32()));
        Assert.Equal([nameof(IBrokerAdmin.ListGroupsAsync), nameof(IBrokerAdmin.DescribeGroupsAsync), nameof(IBrokerAdmin.DescribeTopicsAsync), nameof(IBrokerAdmin.GetTimestampsAsync)], calls);

        // Group n has read nothing of its topics but the first: of that it has read its one record where n is even.
        foreach (var item in page.GetProperty("items").EnumerateArray())
        {
            var number = int.Parse(item.GetProperty("group").GetString()!["group-".Length..], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(number % 2 == 0 ? TopicsOfGroup - 1 : TopicsOfGroup, item.GetProperty("events").GetInt64());
            Assert.True(item.GetProperty("seconds").GetDouble() >= 0);
        }

        Assert.Equal(Groups, (await WalkAsync(mesh, "/v1/groups?limit=300", item => item.GetProperty("group").GetString()!)).Distinct().Count());
    }

    private static string Topic(int number) => $"topic-{number:D5}";

    private static async Task<LogBroker> StartLogAsync() => (LogBroker)await new InMemoryLogType().StartAsync(
        new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string> { ["partitions"] = "1" } },
        new ComponentContext("topics", "", TimeProvider.System),
        CancellationToken.None);

    private static async Task FillAsync(LogBroker broker, int groups)
    {
        for (var n = 0; n < Topics; n++)
            await broker.Administration.CreateTopicAsync(new NewTopic(Topic(n), 1, null, new Dictionary<string, string>()), default);
        for (var n = 0; n < (groups == 0 ? 0 : TopicsOfGroup * 10); n++)
            Assert.True((await broker.PublishAsync(Topic(n), [new OutgoingMessage("k", Encoding.UTF8.GetBytes("v"), default)], default)).Succeeded);
        for (var n = 0; n < groups; n++)
        {
            var positions = Enumerable.Range(0, TopicsOfGroup).Select(i => new GroupPosition(Topic((n % 10 * TopicsOfGroup) + i), 0, i == 0 && n % 2 == 0 ? 1 : 0));
            Assert.True(await broker.Administration.MovePositionsAsync($"group-{n:D4}", [.. positions], default));
        }
    }

    private static async Task<List<string>> WalkAsync(TopicsMesh mesh, string path, Func<JsonElement, string> name)
    {
        var names = new List<string>();
        for (string? after = null; ;)
        {
            var page = await mesh.GetAsync(after is null ? path : $"{path}&after={after}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(name));
            if ((after = page.GetProperty("next").GetString()) is null)
                return names;
        }
    }

    /// <summary>Notes what is asked of a broker.</summary>
    public class CountedAdmin : DispatchProxy
    {
        private IBrokerAdmin _admin = null!;
        private List<string> _calls = null!;

        public static IBrokerAdmin Over(IBrokerAdmin admin, List<string> calls)
        {
            var proxy = Create<IBrokerAdmin, CountedAdmin>();
            ((CountedAdmin)(object)proxy)._admin = admin;
            ((CountedAdmin)(object)proxy)._calls = calls;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            _calls.Add(targetMethod!.Name);
            return targetMethod.Invoke(_admin, args);
        }
    }
}
