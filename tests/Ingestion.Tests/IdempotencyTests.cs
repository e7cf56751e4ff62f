using System.Net;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.Keys;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class IdempotencyTests
{
    private readonly MemoryRecords _records = new();

    private Task<TestIngestion> StartAsync(MemoryLog? log = null, MemoryKeys? keys = null, string[]? args = null) =>
        TestIngestion.StartAsync(log: log, records: _records, args: args, configure: services => services.AddSingleton<IKeyStore>(keys ?? new MemoryKeys(_records)));

    private static Task<HttpResponseMessage> PostAsync(TestIngestion app, string key, string body, string type = "application/x-ndjson", string? tenant = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{Samples.Topic}/events") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (tenant is not null)
            request.Headers.Add("X-Tenant-Key", tenant);
        return app.Client.SendAsync(request);
    }

    private static bool IsReplay(HttpResponseMessage response) => response.Headers.TryGetValues("Idempotency-Replayed", out var values) && values.Single() == "true";

    private static async Task<(int Accepted, int Rejected)> CountsAsync(TestIngestion app)
    {
        var ledger = await app.LedgerAsync();
        return (ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task The_same_request_again_gets_the_first_answer_and_stores_nothing(string type)
    {
        var body = type == "application/json" ? $"[{Samples.Good(1)},{Samples.Good(2)},3]" : $"{Samples.Good(1)}\n{Samples.Good(2)}\n3\n";
        string first;
        await using (var app = await StartAsync())
        {
            var answer = await PostAsync(app, "\"order-1\"", body, type);
            first = await answer.Content.ReadAsStringAsync();
            Assert.Equal((HttpStatusCode.MultiStatus, false), (answer.StatusCode, IsReplay(answer)));
            var again = await PostAsync(app, "order-1", body, type);
            Assert.Equal((HttpStatusCode.MultiStatus, true, first), (again.StatusCode, IsReplay(again), await again.Content.ReadAsStringAsync()));
            Assert.Equal(2, app.Log.Count(Samples.Topic));
            Assert.Equal((2, 1), await CountsAsync(app));
        }

        await using var restarted = await StartAsync();
        var later = await PostAsync(restarted, "order-1", body, type);
        Assert.Equal((HttpStatusCode.MultiStatus, true, first), (later.StatusCode, IsReplay(later), await later.Content.ReadAsStringAsync()));
        Assert.Equal(0, restarted.Log.Count(Samples.Topic));
        Assert.Equal((2, 1), await CountsAsync(restarted));
    }

    [Fact]
    public async Task A_key_with_another_body_is_422_and_another_tenants_key_is_another_key()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "k", Samples.Good(1))).StatusCode);
        var other = await PostAsync(app, "k", Samples.Good(2));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Contains("key_reused", await other.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(app, "k", Samples.Good(1), "application/json")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "k", Samples.Good(2), tenant: "b")).StatusCode);
        Assert.Equal(2, app.Log.Count(Samples.Topic));
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(app, new string('k', 300), Samples.Good(1))).StatusCode);
    }

    [Fact]
    public async Task A_key_whose_request_runs_is_409_with_retry_after()
    {
        var release = new TaskCompletionSource<IReadOnlyList<int>>();
        var blocked = new TaskCompletionSource();
        await using var app = await StartAsync(new MemoryLog { OnPublish = (_, _) => { blocked.TrySetResult(); return release.Task; } });
        var running = PostAsync(app, "k", Samples.Good(1));
        await blocked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var second = await PostAsync(app, "k", Samples.Good(1));
        Assert.Equal((HttpStatusCode.Conflict, TimeSpan.FromSeconds(1)), (second.StatusCode, second.Headers.RetryAfter!.Delta!.Value));
        release.SetResult([]);
        Assert.Equal(HttpStatusCode.Accepted, (await running).StatusCode);
        Assert.True(IsReplay(await PostAsync(app, "k", Samples.Good(1))));
    }

    [Fact]
    public async Task What_was_not_stored_can_be_sent_again_with_its_key_and_is_stored_once()
    {
        var failures = 1;
        await using var app = await StartAsync(new MemoryLog { OnPublish = (_, _) => Task.FromResult<IReadOnlyList<int>>(Interlocked.Decrement(ref failures) >= 0 ? [1, 2] : []) });
        var body = string.Join('\n', Enumerable.Range(0, 3).Select(Samples.Good));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(app, "k", body)).StatusCode);
        Assert.Equal((0, 0), await CountsAsync(app));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "k", body)).StatusCode);
        Assert.Equal(4, app.Log.Count(Samples.Topic));
        Assert.Equal(Enumerable.Range(0, 3).Select(i => i.ToString()), MemoryLog.Rows(app.Log.ReadOnce(Samples.Topic), Samples.Contract).Select(row => row.Split('|')[1]));
        Assert.Equal((3, 0), await CountsAsync(app));
        Assert.Equal(3, app.Log.Read(Samples.Topic).Select(item => item.Id).Distinct().Count());
    }

    [Fact]
    public async Task After_a_crash_between_publish_and_answer_the_same_request_has_its_effect_once_and_counts_once()
    {
        var log = new MemoryLog();
        var body = string.Join('\n', Enumerable.Range(0, 5_000).Select(Samples.Good));
        // A service whose answers are never stored, as one that is killed just before: the records before that stay.
        var dead = new MemoryRecords { Items = _records.Items, OnWrite = _ => throw new RpcException(new Status(StatusCode.Unavailable, "killed")) };
        var crashed = await TestIngestion.StartAsync(log: log, records: dead, args: ["--MESH_INGEST_KEY_LEASE_MS=600000"], configure: services => services.AddSingleton<IKeyStore>(new MemoryKeys(_records)).AddSingleton(new IngestionOptions { LedgerTimeout = TimeSpan.FromMilliseconds(50), KeyLease = TimeSpan.FromMilliseconds(600) }));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(crashed, "k", body)).StatusCode);
        Assert.Equal(5_000, log.Count(Samples.Topic));

        await using (var app = await StartAsync(log))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var answer = await PostAsync(app, "k", body);
            // While its lease lasts nobody knows that the first one is dead.
            while (answer.StatusCode == HttpStatusCode.Conflict)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
                answer = await PostAsync(app, "k", body);
            }

            Assert.Equal("""{"accepted":5000,"rejected":0}""", await answer.Content.ReadAsStringAsync());
            Assert.Equal(10_000, log.Count(Samples.Topic));
            Assert.Equal(Enumerable.Range(0, 5_000).Select(i => i.ToString()), MemoryLog.Rows(log.ReadOnce(Samples.Topic), Samples.Contract).Select(row => row.Split('|')[1]));
            Assert.Equal((5_000, 0), await CountsAsync(app));
            Assert.True(IsReplay(await PostAsync(app, "k", body)));
        }

        dead.OnWrite = _ => false;
        await crashed.DisposeAsync();
    }

    [Fact]
    public async Task Requests_one_after_the_other_share_a_source_so_that_consumers_remember_few()
    {
        await using var app = await StartAsync();
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, $"k{i}", $"{Samples.Good(1)}\n{Samples.Good(2)}")).StatusCode);
        var stored = app.Log.Read(Samples.Topic);
        Assert.Single(stored.Select(item => item.Source).Distinct());
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), stored.Select(item => item.Sequence));
        Assert.Equal(40, app.Log.ReadOnce(Samples.Topic).Count);
    }

    [Fact]
    public async Task Without_a_state_store_nothing_with_a_key_begins()
    {
        var keys = new MemoryKeys(_records);
        await using var app = await StartAsync(keys: keys);
        keys.Down = true;
        var refused = await PostAsync(app, "k", Samples.Good(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("keys_unavailable", await refused.Content.ReadAsStringAsync());
        Assert.Equal(0, app.Log.Count(Samples.Topic));
        keys.Down = false;
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "k", Samples.Good(1))).StatusCode);
    }

    [Fact]
    public async Task A_request_that_is_no_request_leaves_its_key_free()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(app, "k", "\n")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "k", Samples.Good(1))).StatusCode);
    }
}
