using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class FrontDoorTests
{
    private static async Task<JsonElement> JsonOf(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    [Fact]
    public async Task One_good_event_is_stored_framed_and_keyed_before_it_is_acknowledged()
    {
        await using var app = await TestIngestion.StartAsync();
        var response = await app.PostAsync("""{"place":"ORD","seconds":5,"at":"2026-01-01T00:00:00Z"}""");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("""{"accepted":1,"rejected":0}""", await response.Content.ReadAsStringAsync());
        var stored = Assert.Single(app.Log.Read(Samples.Topic));
        Assert.Equal(("ORD", -1L, "/http"), (stored.Key, stored.Sequence, stored.Source));
        Assert.Equal([0, 0, 0, 0, 7], stored.Payload[..5]);
        Assert.Equal(["ORD|5|null|1767225600000000"], MemoryLog.Rows([stored], Samples.Contract));
        var ledger = await app.LedgerAsync();
        Assert.Equal((1, 1, 0, 0), (ledger.GetProperty("acked").GetInt32(), ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32(), ledger.GetProperty("indefinite").GetInt32()));
    }

    [Fact]
    public async Task An_array_with_bad_events_answers_which_and_why_and_dead_letters_their_bytes()
    {
        await using var app = await TestIngestion.StartAsync();
        const string Bad = """{"place":"ORD","seconds":"many","at":"2026-01-01T00:00:00Z"}""";
        var response = await app.PostAsync($"[{Samples.Good(1)}, {Bad} ,{Samples.Good(2)}, 17]");
        Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
        var answer = await JsonOf(response);
        Assert.Equal((2, 2), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        var first = answer.GetProperty("results")[0];
        Assert.Equal((1, "rejected"), (first.GetProperty("index").GetInt32(), first.GetProperty("status").GetString()));
        Assert.Equal(("poison", "type", "seconds"), (first.GetProperty("reason").GetProperty("class").GetString(), first.GetProperty("reason").GetProperty("rule").GetString(), first.GetProperty("reason").GetProperty("field").GetString()));
        Assert.Equal(3, answer.GetProperty("results")[1].GetProperty("index").GetInt32());
        var dead = app.Log.Read("test.visits.dlq");
        Assert.Equal(2, dead.Count);
        Assert.Equal(Bad, Encoding.UTF8.GetString(dead[0].Original));
        Assert.Equal(("type", "seconds"), (dead[0].Headers["reason_rule"], dead[0].Headers["reason_field"]));
        Assert.Equal("http", dead[0].Key);
    }

    [Theory]
    [InlineData("""{"place":"ORD","seconds":5}""", "missing")]
    [InlineData("""{"place":"ORD","seconds":5""", "json")]
    [InlineData("""[{"place":"ORD"},{"place":]""", "json")]
    [InlineData("no json", "json")]
    public async Task A_request_with_only_bad_events_is_422_and_kept_whole(string body, string rule)
    {
        await using var app = await TestIngestion.StartAsync();
        var response = await app.PostAsync(body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var dead = Assert.Single(app.Log.Read("test.visits.dlq"));
        Assert.Equal(rule, dead.Rule);
        Assert.Equal(body, Encoding.UTF8.GetString(dead.Original));
        Assert.Empty(app.Log.Read(Samples.Topic));
    }

    [Fact]
    public async Task Requests_that_cannot_be_taken_say_what_would_be()
    {
        await using var app = await TestIngestion.StartAsync(args: ["--MESH_INGEST_MAX_BODY_BYTES=2000"]);
        var unknown = await app.PostAsync("{}", topic: "test.nothing");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("test.visits", await unknown.Content.ReadAsStringAsync());
        var type = await app.PostAsync("{}", "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, type.StatusCode);
        Assert.Contains("application/x-ndjson", await type.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync(" \n ")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync("\n\n", "application/x-ndjson")).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await app.PostAsync(new string(' ', 3000))).StatusCode);
        Assert.Equal(0, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task A_stream_of_lines_is_taken_in_order_with_blank_lines_and_crlf_and_gzip()
    {
        await using var app = await TestIngestion.StartAsync();
        var lines = string.Concat(Enumerable.Range(0, 10_000).Select(i => i % 1000 == 0 ? $"\r\n{Samples.Good(i)}\r\n" : Samples.Good(i) + "\n")) + "{\"place\":\"last without newline\"}";
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(lines));
        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson; charset=utf-8");
        content.Headers.ContentEncoding.Add("gzip");
        var response = await app.Client.PostAsync("/v1/streams/test.visits/events", content);
        Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
        var answer = await JsonOf(response);
        Assert.Equal((10_000, 1), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        Assert.Equal(10_000, answer.GetProperty("results")[0].GetProperty("index").GetInt32());
        var seconds = MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract).Select(row => int.Parse(row.Split('|')[1]));
        Assert.Equal(Enumerable.Range(0, 10_000), seconds);
        Assert.Equal(10_000, app.Log.Read(Samples.Topic).Select(item => item.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_slow_stream_is_stored_before_it_ends()
    {
        var stored = new TaskCompletionSource();
        var log = new MemoryLog { OnPublish = (_, _) => { stored.TrySetResult(); return Task.FromResult<IReadOnlyList<int>>([]); } };
        await using var app = await TestIngestion.StartAsync(log: log);
        var content = new TwoParts(Samples.Good(1) + "\n", stored.Task.WaitAsync(TimeSpan.FromSeconds(60)), Samples.Good(2));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson");
        Assert.Equal(HttpStatusCode.Accepted, (await app.Client.PostAsync("/v1/streams/test.visits/events", content)).StatusCode);
        Assert.Equal(2, app.Log.Read(Samples.Topic).Count);
    }

    [Fact]
    public async Task A_line_of_two_megabytes_and_bytes_that_are_no_text_are_dead_lettered_whole()
    {
        await using var app = await TestIngestion.StartAsync();
        byte[] giant = [.. "{\"place\":\""u8, .. Enumerable.Repeat((byte)'x', 2 * 1024 * 1024), .. "\"}"u8];
        byte[] binary = [.. "{\"place\":\""u8, 0xC3, 0x28, 0xFF, .. "\",\"seconds\":1,\"at\":0}"u8];
        var response = await app.PostAsync([.. giant, (byte)'\n', .. binary, (byte)'\n', .. Encoding.UTF8.GetBytes(Samples.Good(1))]);
        Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
        var dead = app.Log.Read("test.visits.dlq");
        Assert.Equal(["size", "encoding"], dead.Select(item => item.Rule));
        Assert.Equal(giant, dead[0].Original);
        Assert.Equal(binary, dead[1].Original);
        Assert.Single(app.Log.Read(Samples.Topic));
    }

    [Fact]
    public async Task A_full_queue_answers_429_with_retry_after_and_stores_nothing_of_the_request()
    {
        var release = new TaskCompletionSource<IReadOnlyList<int>>();
        var blocked = new TaskCompletionSource();
        var log = new MemoryLog { OnPublish = (_, _) => { blocked.TrySetResult(); return release.Task; } };
        await using var app = await TestIngestion.StartAsync(log: log, args: ["--MESH_INGEST_QUEUE_EVENTS=3"]);
        var waiting = app.PostAsync($"[{Samples.Good(1)},{Samples.Good(2)}]");
        await blocked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var contentType in new[] { "application/json", "application/x-ndjson" })
        {
            var refused = await app.PostAsync(contentType == "application/json" ? $"[{Samples.Good(3)},{Samples.Good(4)}]" : $"{Samples.Good(3)}\n{Samples.Good(4)}", contentType);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
            Assert.Equal(2, (await JsonOf(refused)).GetProperty("not_stored").GetInt32());
        }

        release.SetResult([]);
        Assert.Equal(HttpStatusCode.Accepted, (await waiting).StatusCode);
        Assert.Equal(2, app.Log.Read(Samples.Topic).Count);
        Assert.Equal(2, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Theory]
    [InlineData(StatusCode.ResourceExhausted, HttpStatusCode.TooManyRequests, "overloaded", 0)]
    [InlineData(StatusCode.PermissionDenied, HttpStatusCode.ServiceUnavailable, "not_stored", 0)]
    [InlineData(StatusCode.Internal, HttpStatusCode.ServiceUnavailable, "outcome_unknown", 1)]
    [InlineData(StatusCode.DeadlineExceeded, HttpStatusCode.ServiceUnavailable, "outcome_unknown", 1)]
    public async Task A_log_that_does_not_store_is_never_acknowledged(StatusCode grpc, HttpStatusCode expected, string error, int indefinite)
    {
        var log = new MemoryLog { OnPublish = (_, _) => throw new RpcException(new Status(grpc, "disk full")) };
        await using var app = await TestIngestion.StartAsync(log: log);
        var response = await app.PostAsync(Samples.Good(1));
        Assert.Equal(expected, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        var answer = await JsonOf(response);
        Assert.Equal((error, 0), (answer.GetProperty("error").GetString(), answer.GetProperty("accepted").GetInt32()));
        Assert.Contains("disk full", answer.GetProperty("message").GetString());
        var ledger = await app.LedgerAsync();
        Assert.Equal((0, indefinite), (ledger.GetProperty("acked").GetInt32(), ledger.GetProperty("indefinite").GetInt32()));
    }

    [Fact]
    public async Task A_publish_that_fails_for_one_event_acknowledges_none_and_counts_all_as_indefinite()
    {
        var log = new MemoryLog { OnPublish = (_, _) => Task.FromResult<IReadOnlyList<int>>([1]) };
        await using var app = await TestIngestion.StartAsync(log: log);
        var response = await app.PostAsync($"[{Samples.Good(0)},{Samples.Good(1)},{Samples.Good(2)}]");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var answer = await JsonOf(response);
        Assert.Equal(("outcome_unknown", 0), (answer.GetProperty("error").GetString(), answer.GetProperty("accepted").GetInt32()));
        Assert.Equal([0, 1, 2], answer.GetProperty("not_stored_at").EnumerateArray().Select(position => position.GetInt32()));
        var ledger = await app.LedgerAsync();
        Assert.Equal((0, 3), (ledger.GetProperty("acked").GetInt32(), ledger.GetProperty("indefinite").GetInt32()));
    }

    [Fact]
    public async Task Many_requests_at_once_share_publishes_and_each_gets_its_own_answer()
    {
        await using var app = await TestIngestion.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => app.PostAsync(i % 3 == 0 ? """{"place":1}""" : Samples.Good(i))));
        Assert.All(answers.Index(), answer => Assert.Equal(answer.Index % 3 == 0 ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.Accepted, answer.Item.StatusCode));
        var ledger = await app.LedgerAsync();
        Assert.Equal((133, 67), (ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32()));
    }

    [Fact]
    public async Task Acknowledged_counts_survive_a_restart()
    {
        var records = new MemoryRecords();
        await using (var app = await TestIngestion.StartAsync(records: records))
            await app.PostAsync($"[{Samples.Good(1)},{Samples.Good(2)},3]");
        await using var again = await TestIngestion.StartAsync(records: records);
        await again.PostAsync(Samples.Good(3));
        var ledger = await again.LedgerAsync();
        Assert.Equal((4, 3, 1), (ledger.GetProperty("acked").GetInt32(), ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32()));
    }

    [Fact]
    public async Task Events_whose_count_cannot_be_stored_are_not_acknowledged_but_counted_once_it_can()
    {
        var broken = true;
        var time = new FakeTimeProvider();
        var records = new MemoryRecords { OnWrite = _ => Volatile.Read(ref broken) ? throw new RpcException(new Status(StatusCode.Unavailable, "store is down")) : true };
        await using var app = await TestIngestion.StartAsync(records: records, configure: services => services.AddSingleton<TimeProvider>(time));
        var posted = app.PostAsync(Samples.Good(1));
        await Advance(time, () => Task.FromResult(posted.IsCompleted));
        var response = await posted;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("state store", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
        Volatile.Write(ref broken, false);
        await Advance(time, async () => (await app.LedgerAsync()).GetProperty("acked").GetInt32() == 1);
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(2))).StatusCode);
        Assert.Equal(2, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task The_senders_trace_goes_with_its_events_good_and_bad()
    {
        await using var app = await TestIngestion.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/streams/test.visits/events") { Content = new StringContent($"[{Samples.Good(1)},2]", Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        await app.Client.SendAsync(request);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", app.Log.Read(Samples.Topic)[0].Headers["traceparent"]);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", app.Log.Read("test.visits.dlq")[0].Headers["traceparent"]);
    }

    /// <summary>Lets time pass, a second at a time, until something holds.</summary>
    private static async Task Advance(FakeTimeProvider time, Func<Task<bool>> until)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await until())
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }

    /// <summary>A body whose second half is sent once something has happened.</summary>
    private sealed class TwoParts(string first, Task between, string second) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(first));
            await stream.FlushAsync();
            await between;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(second));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
