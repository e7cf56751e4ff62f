using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.HotReload;

public sealed class SubscriptionHotReloadTests : IAsyncLifetime
{
    private readonly TempFolder _one = new();
    private readonly TempFolder _two = new();
    private readonly ConcurrentDictionary<string, int> _delivered = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await HttpApp.StartAsync(async context =>
    {
        var path = context.Request.Path.Value!;
        if (path.StartsWith("/dapr/", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (path == "/held")
        {
            _held.TrySetResult();
            await _release.Task;
        }

        _delivered.AddOrUpdate(path, 1, (_, count) => count + 1);
    });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public async Task Subscriptions_come_change_and_go_with_their_files()
    {
        _one.Write("pubsub.yaml", Manifests.InMemoryPubSub("pubsub0"));
        _two.Write("pubsub.yaml", Manifests.InMemoryPubSub("pubsub1"));
        await using var daprd = await StartAsync();
        await HasAsync(daprd);

        _one.Write("sub.yaml", Subscription("sub1", "pubsub0", "a"));
        await HasAsync(daprd, "a");
        await ReceivedAsync(daprd, "pubsub0", "a");

        _two.Write("sub.yaml", Subscription("sub2", "pubsub0", "b"));
        await HasAsync(daprd, "a", "b");
        await ReceivedAsync(daprd, "pubsub0", "b");

        _one.Remove("sub.yaml");
        await HasAsync(daprd, "b");
        await ReceivedAsync(daprd, "pubsub0", "b");

        _two.Write("sub.yaml", Subscription("sub2", "pubsub0", "b") + Subscription("sub3", "pubsub1", "c"));
        await HasAsync(daprd, "b", "c");

        // A changed one takes its place at the end.
        _two.Write("sub.yaml", Subscription("sub2", "pubsub0", "d") + Subscription("sub3", "pubsub1", "c"));
        await HasAsync(daprd, "c", "d");
        await ReceivedAsync(daprd, "pubsub0", "d");
        await ReceivedAsync(daprd, "pubsub1", "c");

        _two.Write("sub.yaml", Subscription("sub2", "pubsub0", "d") + Subscription("sub3", "pubsub1", "c") + Former("sub4", "pubsub1", "e"));
        await HasAsync(daprd, "c", "d", "e");
        await ReceivedAsync(daprd, "pubsub1", "e");

        _two.Write("sub.yaml", Subscription("sub2", "pubsub0", "d") + Subscription("sub3", "pubsub1", "c") + Former("sub4", "pubsub1", "f"));
        await HasAsync(daprd, "c", "d", "f");
        await ReceivedAsync(daprd, "pubsub1", "f");
        Assert.Equal(2, _delivered["/b"]);
        Assert.Equal(1, _delivered["/e"]);

        _two.Remove("pubsub.yaml");
        await daprd.HasComponentsAsync("pubsub0 pubsub.in-memory/v1");
        await ReceivedAsync(daprd, "pubsub0", "d");
        Assert.Equal(HttpStatusCode.NotFound, await PublishAsync(daprd, "pubsub1", "c"));
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Events_reach_no_subscription_before_its_file_comes_or_after_it_went()
    {
        _one.Write("pubsub.yaml", Manifests.InMemoryPubSub("pubsub0"));
        await using var daprd = await StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, await PublishAsync(daprd, "pubsub0", "a"));
        _one.Write("sub.yaml", Subscription("sub1", "pubsub0", "a") + Subscription("sub2", "pubsub0", "b"));
        await HasAsync(daprd, "a", "b");
        await ReceivedAsync(daprd, "pubsub0", "b");
        Assert.False(_delivered.ContainsKey("/a"));
        _one.Write("sub.yaml", Subscription("sub2", "pubsub0", "b"));
        await HasAsync(daprd, "b");
        // The list is ahead of the subscription's end by a moment.
        await ReceivedAsync(daprd, "pubsub0", "b");
        Assert.Equal(HttpStatusCode.NoContent, await PublishAsync(daprd, "pubsub0", "a"));
        await ReceivedAsync(daprd, "pubsub0", "b");
        Assert.False(_delivered.ContainsKey("/a"));
    }

    [Fact]
    public async Task Delivery_in_flight_ends_and_is_counted_after_its_subscription_has_gone()
    {
        _one.Write("pubsub.yaml", Manifests.InMemoryPubSub("pubsub0"));
        _one.Write("sub.yaml", Subscription("sub", "pubsub0", "held"));
        await using var daprd = await StartAsync();
        await HasAsync(daprd, "held");
        Assert.Equal(HttpStatusCode.NoContent, await PublishAsync(daprd, "pubsub0", "held"));
        await _held.Task.WaitAsync(TimeSpan.FromSeconds(60));
        _one.Remove("sub.yaml");
        await HasAsync(daprd);
        Assert.Equal(0, await SucceededAsync(daprd, "held"));
        _release.SetResult();
        await Eventually.TrueAsync(async () => await SucceededAsync(daprd, "held") == 1, () => "the held delivery counted");
    }

    [Fact]
    public async Task Subscription_without_an_app_is_listed_and_publishing_to_it_is_no_fault()
    {
        _one.Write("all.yaml", Manifests.InMemoryPubSub("pubsub0") + "\n---\n" + Subscription("sub", "pubsub0", "a"));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [_one.Flag] });
        await HasAsync(daprd, "a");
        Assert.Equal(HttpStatusCode.NoContent, await PublishAsync(daprd, "pubsub0", "a"));
    }

    private Task<Daprd> StartAsync() => Daprd.StartAsync(new DaprdSetup { AppPort = _app.Port, Flags = [_one.Flag, _two.Flag] });

    /// <summary>Waits until the metadata lists these topics in this order.</summary>
    private static Task HasAsync(Daprd daprd, params string[] topics)
    {
        string?[] found = [];
        return Eventually.TrueAsync(
            async () => (found = [.. DaprdReads.List(await daprd.MetadataAsync(), "subscriptions").Select(subscription => subscription.GetProperty("topic").GetString())]).SequenceEqual(topics),
            () => $"subscriptions to [{string.Join(", ", topics)}]; found [{string.Join(", ", found)}]. It wrote:\n{daprd.Log}");
    }

    private async Task ReceivedAsync(Daprd daprd, string pubSub, string topic)
    {
        var before = _delivered.GetValueOrDefault("/" + topic);
        Assert.Equal(HttpStatusCode.NoContent, await PublishAsync(daprd, pubSub, topic));
        await Eventually.TrueAsync(() => _delivered.GetValueOrDefault("/" + topic) == before + 1, () => $"one more delivery of {topic}");
    }

    private static async Task<HttpStatusCode> PublishAsync(Daprd daprd, string pubSub, string topic)
    {
        using var response = await daprd.Http.PostAsync($"/v1.0/publish/{pubSub}/{topic}", new StringContent("""{"status":"completed"}"""));
        return response.StatusCode;
    }

    private static async Task<double> SucceededAsync(Daprd daprd, string topic)
    {
        using var client = new HttpClient();
        var text = await client.GetStringAsync($"http://127.0.0.1:{daprd.MetricsPort}/metrics");
        return text.Split('\n')
            .Where(line => line.StartsWith("dapr_component_pubsub_ingress_count{", StringComparison.Ordinal) && line.Contains($"topic=\"{topic}\"", StringComparison.Ordinal) && line.Contains("process_status=\"success\"", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static string Subscription(string name, string pubSub, string topic) => $$"""

        ---
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata: {name: {{name}}}
        spec:
          pubsubname: {{pubSub}}
          topic: {{topic}}
          routes: {default: /{{topic}}}

        """;

    private static string Former(string name, string pubSub, string topic) => $$"""

        ---
        apiVersion: dapr.io/v1alpha1
        kind: Subscription
        metadata: {name: {{name}}}
        spec: {pubsubname: {{pubSub}}, topic: {{topic}}, route: /{{topic}}}

        """;
}
