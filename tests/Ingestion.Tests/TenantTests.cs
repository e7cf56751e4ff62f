using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class TenantTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private static Task<HttpResponseMessage> PostAsync(TestIngestion app, string tenant, int events)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{Samples.Topic}/events") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, events).Select(Samples.Good)))) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson");
        request.Headers.Add("X-Tenant-Key", tenant);
        return app.Client.SendAsync(request);
    }

    [Fact]
    public async Task A_tenant_beyond_its_rate_is_429_with_retry_after_and_the_others_are_not()
    {
        await File.WriteAllTextAsync(_file, """{"tenants":{"small":{"events_per_second":0.1,"burst_seconds":100}}}""");
        await using var app = await TestIngestion.StartAsync(args: [$"--MESH_INGEST_LIMITS={_file}"]);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "small", 10)).StatusCode);
        var refused = await PostAsync(app, "small", 10);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 50, 100);
        var answer = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((0, 10), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("not_stored").GetInt32()));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "large", 1_000)).StatusCode);
    }

    [Fact]
    public async Task A_stream_beyond_its_rate_is_slowed_down_and_then_told_what_was_taken()
    {
        await File.WriteAllTextAsync(_file, """{"default":{"events_per_second":0.1,"burst_seconds":20000}}""");
        await using var app = await TestIngestion.StartAsync(args: [$"--MESH_INGEST_LIMITS={_file}", "--MESH_INGEST_WAIT_MS=1"]);
        var answer = await (await PostAsync(app, "any", 6_000)).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(2_000, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(2_000, answer.GetProperty("not_stored_at")[0].GetInt32());
        Assert.Equal(2_000, app.Log.Count(Samples.Topic));
    }

    [Fact]
    public async Task Limits_are_read_again_when_their_file_changes_and_stay_while_it_is_broken()
    {
        await File.WriteAllTextAsync(_file, """{"tenants":{"a":{"events_per_second":0.001}}}""");
        await using var app = await TestIngestion.StartAsync(args: [$"--MESH_INGEST_LIMITS={_file}"]);
        await PostAsync(app, "a", 2);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(app, "a", 2)).StatusCode);
        await File.WriteAllTextAsync(_file, """{"tenants":{"a":{"events_per_second":"many"}}}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(app, "a", 2)).StatusCode);
        await File.WriteAllTextAsync(_file, """{"tenants":{"a":{"events_per_second":1000}}}""");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await PostAsync(app, "a", 2)).StatusCode != HttpStatusCode.Accepted)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
    }

    [Fact]
    public async Task A_limits_file_that_is_not_there_or_wrong_keeps_the_service_from_starting()
    {
        Assert.Contains("nosuch.json", (await Assert.ThrowsAsync<RealTimeMeshException>(() => TestIngestion.StartAsync(args: ["--MESH_INGEST_LIMITS=nosuch.json"]))).Message);
        foreach (var text in new[] { "{", "null", """{"default":{"events_per_second":0}}""", """{"defaults":{}}""", """{"tenants":{"a":null}}""" })
            Assert.Contains("limits file 'f'", Assert.Throws<RealTimeMeshException>(() => TenantLimits.Parse(Encoding.UTF8.GetBytes(text), "f")).Message);
    }

    [Fact]
    public void Invented_tenants_are_bounded_and_share_one_rate()
    {
        var tenants = new TenantDirectory(new IngestionOptions { MaxTenants = 100 }, TimeProvider.System);
        tenants.Apply(TenantLimits.Parse("""{"default":{"events_per_second":1,"burst_seconds":5},"tenants":{"known":{"events_per_second":9}}}"""u8, "f"));
        for (var i = 0; i < 10_000; i++)
            tenants.Of($"t{i}");
        Assert.Equal(100, tenants.Count);
        Assert.Same(tenants.Of("x"), tenants.Of("y"));
        Assert.Equal(("known", "known", 9.0), (tenants.Of("known").Name, tenants.Of("known").Label, tenants.Of("known").Limit.EventsPerSecond));
        Assert.Equal("other", tenants.Of("x").Label);
    }

    [Fact]
    public async Task A_tenant_that_floods_the_queue_leaves_room_and_turns_to_another()
    {
        var release = new TaskCompletionSource<IReadOnlyList<int>>();
        var blocked = new TaskCompletionSource();
        var log = new MemoryLog { OnPublish = (_, _) => { blocked.TrySetResult(); return release.Task; } };
        await using var app = await TestIngestion.StartAsync(log: log, args: ["--MESH_INGEST_QUEUE_EVENTS=1000"], configure: services => services.AddSingleton(new IngestionOptions { QueueEvents = 1_000, PublishEvents = 100 }));
        var flood = new List<Task<HttpResponseMessage>> { PostAsync(app, "flood", 100) };
        await blocked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        flood.AddRange(Enumerable.Range(0, 20).Select(_ => PostAsync(app, "flood", 100)));
        // Those that find no room are answered while the log stands still.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (flood.Count(post => post.IsCompleted) < 14)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        var other = PostAsync(app, "other", 100);
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, limit.Token);
        Assert.False(other.IsCompleted);
        release.SetResult([]);
        Assert.Equal(HttpStatusCode.Accepted, (await other).StatusCode);
        var answers = await Task.WhenAll(flood);
        Assert.Equal((7, 14), (answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted), answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests)));
    }
}
