using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.Memory;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>What requests hold is bounded, whatever their senders do.</summary>
public sealed class MemoryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static MemoryBudget Budget(TestIngestion app) => app.App.Services.GetRequiredService<MemoryBudget>();

    /// <summary>Over HTTP/2, where an answer may come before the body's end.</summary>
    private static Task<HttpResponseMessage> PostAsync(TestIngestion app, HttpContent content, string type = "application/x-ndjson")
    {
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{Samples.Topic}/events") { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
    }

    private static async Task UntilAsync(Func<bool> done, string what)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!done())
        {
            Assert.False(limit.IsCancellationRequested, what);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    [Fact]
    public async Task Streams_that_pause_hold_next_to_nothing_and_go_on()
    {
        const int Streams = 100;
        await using var app = await TestIngestion.StartAsync();
        var resume = new TaskCompletionSource();
        var posts = Enumerable.Range(0, Streams).Select(i => PostAsync(app, new SlowBody([Samples.Good(i) + "\n" + Samples.Good(i)[..10], Samples.Good(i)[10..]], resume.Task))).ToList();
        await UntilAsync(() => app.Log.Count(Samples.Topic) == Streams, "the first lines are stored while their streams pause");
        await UntilAsync(() => Budget(app).Held <= Streams * 8 * 1024, $"{Budget(app).Held} bytes are held by {Streams} streams that pause");
        resume.SetResult();
        foreach (var post in posts)
            Assert.Equal("""{"accepted":2,"rejected":0}""", await (await post).Content.ReadAsStringAsync());
        await UntilAsync(() => Budget(app).Held == 0, $"{Budget(app).Held} bytes are held by nobody");
    }

    [Fact]
    public async Task Lines_too_long_for_all_together_are_answered_429_and_new_requests_too_until_there_is_room()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MEMORY_BYTES=1000000", "--MESH_INGEST_WAIT_MS=200"]);
        var (begun, resume) = (new TaskCompletionSource(), new TaskCompletionSource());
        var giant = "{\"place\":\"" + new string('x', 300_000);
        var posts = Enumerable.Range(0, 4).Select(_ => PostAsync(app, new SlowBody([Samples.Good(0) + "\n", giant, "\"}"], begun.Task, resume.Task))).ToList();
        try
        {
            // None of them is refused as a new request.
            await UntilAsync(() => app.Log.Count(Samples.Topic) == 4, "a line that was sent is not stored");
            begun.SetResult();
            var refused = await (await Task.WhenAny(posts)).WaitAsync(Limit);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            var answer = await refused.Content.ReadFromJsonAsync<JsonElement>();
            // What came before is told, because it is stored.
            Assert.Equal((1, "overloaded"), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("error").GetString()));
            Assert.True(Budget(app).Peak <= 1_100_000, $"{Budget(app).Peak}");
        }
        finally
        {
            // Requests that never end would hold up the service's stop.
            begun.TrySetResult();
            resume.SetResult();
        }

        await Task.WhenAll(posts).WaitAsync(Limit);
        await UntilAsync(() => Budget(app).Held == 0, $"{Budget(app).Held} bytes are held by nobody");
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(1))).StatusCode);
    }

    [Fact]
    public async Task New_requests_are_refused_at_once_while_others_hold_all_there_is()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MEMORY_BYTES=100000"]);
        var lease = Budget(app).TryOpen(80_000)!;
        var other = Budget(app).TryOpen(5_000)!;
        var refused = await app.PostAsync(Samples.Good(1));
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta!.Value));
        lease.Dispose();
        other.Dispose();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(1))).StatusCode);
    }

    [Fact]
    public async Task A_document_of_too_many_events_is_refused_whole()
    {
        await using var app = await TestIngestion.StartAsync();
        var response = await app.PostAsync($"[{string.Join(',', Enumerable.Repeat("0", 120_000))}]");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("50000", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, app.Log.Count("test.visits.dlq"));
        Assert.True(Budget(app).Peak < 16_000_000, $"{Budget(app).Peak}");
    }

    [Fact]
    public async Task Ten_thousand_bad_lines_are_all_dead_lettered_and_a_thousand_of_them_listed()
    {
        await using var app = await TestIngestion.StartAsync();
        var answer = await (await app.PostAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("no json\n", 10_000))))).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((10_000, 1_000, true), (answer.GetProperty("rejected").GetInt32(), answer.GetProperty("results").GetArrayLength(), answer.GetProperty("truncated").GetBoolean()));
        Assert.Equal(10_000, app.Log.Count("test.visits.dlq"));
        Assert.True(Budget(app).Peak < 16_000_000, $"{Budget(app).Peak}");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task A_body_that_unpacks_to_more_than_any_events_do_is_given_up(string type)
    {
        await using var app = await TestIngestion.StartAsync();
        var packed = new MemoryStream();
        await using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var i = 0; i < 500; i++)
                await brotli.WriteAsync(new byte[1_000_000]);
        }

        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        content.Headers.ContentEncoding.Add("br");
        var response = await app.Client.PostAsync($"/v1/streams/{Samples.Topic}/events", content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("200 times", await response.Content.ReadAsStringAsync());
        Assert.True(Budget(app).Peak < 40_000_000, $"{Budget(app).Peak}");
    }

    [Fact]
    public async Task A_body_that_must_be_whole_and_does_not_come_is_given_up()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_BODY_MS=200"]);
        var never = new TaskCompletionSource();
        var content = new SlowBody(["[", "]"], never.Task);
        var response = await PostAsync(app, content, "application/json").WaitAsync(Limit);
        Assert.Equal(HttpStatusCode.RequestTimeout, response.StatusCode);
        never.SetResult();
        await UntilAsync(() => Budget(app).Held == 0, $"{Budget(app).Held} bytes are held by nobody");
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answers_is_cut_off()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_ANSWER_MS=300"]);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
        await client.ConnectAsync(IPAddress.Loopback, app.Client.BaseAddress!.Port);
        var body = string.Concat(Enumerable.Repeat("no json\n", 1_000));
        var request = Encoding.ASCII.GetBytes($"POST /v1/streams/{Samples.Topic}/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        using var limit = new CancellationTokenSource(Limit);
        // Each answer is 100 kB: after some the connection takes no more, and then it is gone.
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
                await client.SendAsync(request, SocketFlags.None, limit.Token);
        });
        await UntilAsync(() => Budget(app).Held == 0, $"{Budget(app).Held} bytes are held by nobody");
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(1))).StatusCode);
    }

    [Fact]
    public async Task Answers_that_nobody_reads_are_held_within_what_requests_may_hold_until_their_connections_are_cut()
    {
        const int Clients = 20;
        const int Bytes = 4_000_000;
        await using var app = await TestIngestion.StartAsync(args: [$"--MESH_INGEST_MEMORY_BYTES={Bytes}", "--MESH_INGEST_ANSWER_MS=500"]);
        var body = string.Concat(Enumerable.Repeat("no json\n", 5_000));
        var request = Encoding.ASCII.GetBytes($"POST /v1/streams/{Samples.Topic}/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        using var limit = new CancellationTokenSource(Limit);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(MuteAsync)));
        // An encoded call repeats what its batches hold, and each client may be in the middle of a small batch when the others
        // take the last that is free. Without the budget these clients would hold 160 MB.
        Assert.InRange(Budget(app).Peak, 500_000, (2 * Bytes) + (Clients * 100_000));
        await UntilAsync(() => Budget(app).Held == 0, $"{Budget(app).Held} bytes are held by nobody");
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(1))).StatusCode);

        // Sends until it is cut off.
        async Task MuteAsync()
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
            await client.ConnectAsync(IPAddress.Loopback, app.Client.BaseAddress!.Port);
            await Assert.ThrowsAsync<SocketException>(async () =>
            {
                while (true)
                    await client.SendAsync(request, SocketFlags.None, limit.Token);
            });
        }
    }
}
