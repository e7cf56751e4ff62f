using System.Reflection;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Topics.Tests;

/// <summary>One plan over all topics of a group, whose consumers have a member on each.</summary>
public sealed class GroupBalancingTests
{
    [Fact]
    public async Task One_plan_over_two_topics_takes_a_single_move_where_each_topic_alone_has_nothing_to_gain()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2);
        await FillAsync(mesh, "orders", "trades");
        await using var first = await ConsumeAsync(mesh, "orders", "trades");
        await using var second = await ConsumeAsync(mesh, "orders", "trades");
        var alone = await PlanAsync(mesh, "orders");
        Assert.Empty(alone.GetProperty("moves").EnumerateArray());

        var plan = await PlanAsync(mesh);
        var move = Assert.Single(plan.GetProperty("moves").EnumerateArray());
        Assert.Equal((0, true), (move.GetProperty("partition").GetInt32(), plan.GetProperty("isMinimal").GetBoolean()));
        Assert.Contains("of 2 topics on 2 owners", plan.GetProperty("explanation").GetString(), StringComparison.Ordinal);
        Assert.Contains(" has 200 records, ", move.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal([(200.0, 100.0), (0.0, 100.0)], Owners(plan.GetProperty("owners")));

        await ApproveAsync(mesh, plan);
        var done = await mesh.PostAsync($"/v1/rebalancings/{Id(plan)}/execute");
        Assert.Equal([(200.0, 100.0), (0.0, 100.0)], Owners(done.GetProperty("measured")));
        Assert.Empty((await PlanAsync(mesh)).GetProperty("moves").EnumerateArray());
        Assert.Equal(3, (await mesh.GetAsync("/v1/rebalancings")).GetArrayLength());
        Assert.Equal(Id(plan), (await mesh.GetAsync($"/v1/rebalancings?limit=1&before={Id((await mesh.GetAsync("/v1/rebalancings?limit=1"))[0])}"))[0].GetProperty("id").GetString());
        await mesh.GetAsync("/v1/rebalancings?limit=0", 400);
    }

    [Fact]
    public async Task A_plan_whose_group_has_changed_meanwhile_is_refused_and_moves_nothing()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2);
        await FillAsync(mesh, "orders", "trades");
        await using var first = await ConsumeAsync(mesh, "orders", "trades");
        var second = await ConsumeAsync(mesh, "orders", "trades");
        var plan = await PlanAsync(mesh);
        await ApproveAsync(mesh, plan);
        await second.DisposeAsync();
        await using var third = await ConsumeAsync(mesh, "trades");
        await using var fourth = await ConsumeAsync(mesh, "trades", "orders");
        var before = await AssignedAsync(mesh);
        await mesh.PostAsync($"/v1/rebalancings/{Id(plan)}/execute", status: 409);
        Assert.Equal(before, await AssignedAsync(mesh));
        Assert.Equal("approved", (await mesh.GetAsync($"/v1/rebalancings/{Id(plan)}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_was_moved_is_given_back_when_a_later_topic_is_refused()
    {
        var refusing = 0;
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2, wrap: admin => RefusingAdmin.Over(admin, nameof(IBrokerAdmin.AssignAsync), () => Interlocked.Increment(ref refusing) == 2));
        await FillAsync(mesh, "a", "b", "c", "d");
        await using var first = await ConsumeAsync(mesh, "a", "b", "c", "d");
        await using var second = await ConsumeAsync(mesh, "a", "b", "c", "d");
        var before = await AssignedAsync(mesh);
        var plan = await PlanAsync(mesh);
        Assert.Equal(2, plan.GetProperty("moves").GetArrayLength());
        await ApproveAsync(mesh, plan);
        var refused = await mesh.PostAsync($"/v1/rebalancings/{Id(plan)}/execute", status: 409);
        Assert.Contains("was given back", refused.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await AssignedAsync(mesh));
        await mesh.PostAsync($"/v1/rebalancings/{Id(plan)}/execute");
        Assert.NotEqual(before, await AssignedAsync(mesh));
    }

    [Fact]
    public async Task Of_two_that_execute_a_plan_at_once_one_does()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2);
        await FillAsync(mesh, "orders", "trades");
        await using var first = await ConsumeAsync(mesh, "orders", "trades");
        await using var second = await ConsumeAsync(mesh, "orders", "trades");
        var plan = await PlanAsync(mesh);
        await ApproveAsync(mesh, plan);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => mesh.Http.PostAsync(new Uri($"/v1/rebalancings/{Id(plan)}/execute", UriKind.Relative), null)));
        Assert.Equal([200, .. Enumerable.Repeat(409, 7)], answers.Select(answer => (int)answer.StatusCode).Order());
    }

    [Theory]
    [InlineData("""{"group":"g","topics":["unknown"]}""", 404)]
    [InlineData("""{"group":"g","topics":null}""", 400)]
    [InlineData("""{"group":"g","tolerance":-1}""", 400)]
    [InlineData("""{"group":"g","windowSeconds":0}""", 400)]
    [InlineData("""{"group":"g","by":null}""", 400)]
    [InlineData("""{"group":["g"]}""", 400)]
    public async Task Wrong_requests_are_refused(string request, int status)
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2);
        await FillAsync(mesh, "orders");
        await using var first = await ConsumeAsync(mesh, "orders");
        await mesh.PostAsync("/v1/rebalancings", JsonDocument.Parse(request).RootElement, status);
    }

    [Fact]
    public async Task A_topic_named_twice_weighs_once()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2);
        await FillAsync(mesh, "orders");
        await using var first = await ConsumeAsync(mesh, "orders");
        Assert.Equal([(100.0, 100.0)], Owners((await PlanAsync(mesh, "orders", "orders")).GetProperty("owners")));
    }

    /// <summary>A hundred records for partition 0 of each topic.</summary>
    private static async Task FillAsync(TopicsMesh mesh, params string[] topics)
    {
        var keys = Enumerable.Range(0, 1000).Select(n => $"k{n}").Where(key => Murmur2.Partition(key, 2) == 0).Take(100).ToArray();
        foreach (var topic in topics)
            await mesh.PublishAsync(topic, keys.Select(key => (key, "v")));
    }

    /// <summary>One consumer on several topics; it leaves when it is disposed of.</summary>
    private static async Task<IPubSubBroker> ConsumeAsync(TopicsMesh mesh, params string[] topics)
    {
        var consumer = await mesh.ConsumerAsync();
        foreach (var topic in topics)
            await consumer.SubscribeAsync(new SubscribeOptions { Topic = topic, Group = "g" }, new BatchRecorder().HandleAsync, default);
        return consumer;
    }

    private static Task<JsonElement> PlanAsync(TopicsMesh mesh, params string[] topics) => mesh.PostAsync("/v1/rebalancings", new { group = "g", by = "records", topics });

    private static Task<JsonElement> ApproveAsync(TopicsMesh mesh, JsonElement plan) => mesh.PostAsync($"/v1/rebalancings/{Id(plan)}/approve");

    private static string Id(JsonElement plan) => plan.GetProperty("id").GetString()!;

    private static IEnumerable<(double, double)> Owners(JsonElement owners) => owners.EnumerateArray().Select(owner => (owner.GetProperty("before").GetDouble(), owner.GetProperty("after").GetDouble()));

    private static async Task<IEnumerable<(string, string, int)>> AssignedAsync(TopicsMesh mesh) =>
        [.. (await mesh.Admin.FindGroupAsync("g", default))!.Members.SelectMany(member => member.Assigned.Select(place => (member.Id, place.Topic, place.Partition))).Order()];

    /// <summary>Refuses some calls of one method.</summary>
    public class RefusingAdmin : DispatchProxy
    {
        private IBrokerAdmin _admin = null!;
        private string _method = "";
        private Func<bool> _refuses = null!;

        public static IBrokerAdmin Over(IBrokerAdmin admin, string method, Func<bool> refuses)
        {
            var proxy = Create<IBrokerAdmin, RefusingAdmin>();
            (((RefusingAdmin)(object)proxy)._admin, ((RefusingAdmin)(object)proxy)._method, ((RefusingAdmin)(object)proxy)._refuses) = (admin, method, refuses);
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == _method && _refuses()
            ? Task.FromException(new AdminException(AdminRefusal.Conflict, "the group has changed"))
            : targetMethod.Invoke(_admin, args);
    }
}
