using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>What no client library sends: bytes on a socket, and JSON at its edges.</summary>
public sealed class RawDoorTests
{
    private const string Path = $"/v1/streams/{Samples.Topic}/events";

    /// <summary>Sends bytes, ends its half of the connection where asked to, and reads until the other half ends.</summary>
    private static async Task<string> SendAsync(TestIngestion app, byte[] request, bool halfClose)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, app.Client.BaseAddress!.Port, limit.Token);
        for (var sent = 0; sent < request.Length;)
            sent += await socket.SendAsync(request.AsMemory(sent), limit.Token);
        if (halfClose)
            socket.Shutdown(SocketShutdown.Send);
        var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var read)
                answer.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // A server may reset what it does not read on; what it said before counts.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static byte[] Request(string type, string headers, string body) =>
        Encoding.UTF8.GetBytes($"POST {Path} HTTP/1.1\r\nHost: door\r\nConnection: close\r\nContent-Type: {type}\r\n{headers}\r\n{body}");

    private static string Chunk(string text) => $"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n";

    [Theory]
    [InlineData("zz\r\nx\r\n0\r\n\r\n")]
    [InlineData("5\r\nab\r\n0\r\n\r\n")]
    [InlineData("-1\r\n\r\n")]
    [InlineData("fffffffffffffffff\r\n")]
    public async Task Chunks_that_are_none_end_the_request_with_400_and_what_came_before_is_told(string broken)
    {
        await using var app = await TestIngestion.StartAsync();
        var answer = await SendAsync(app, Request("application/x-ndjson", "Transfer-Encoding: chunked\r\n", Chunk(Samples.Good(1) + "\n" + Samples.Good(2) + "\n") + broken), halfClose: false);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        if (answer.Contains("\"message\"", StringComparison.Ordinal))
            Assert.Contains("broke off", answer, StringComparison.Ordinal);
        Assert.InRange(app.Log.Count(Samples.Topic), 0, 2);
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(3))).StatusCode);
    }

    [Fact]
    public async Task A_body_shorter_than_announced_is_400_after_the_sender_closed_its_half()
    {
        await using var app = await TestIngestion.StartAsync();
        var answer = await SendAsync(app, Request("application/x-ndjson", "Content-Length: 100000\r\n", Samples.Good(1) + "\n"), halfClose: true);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), answer);
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(3))).StatusCode);
    }

    [Fact]
    public async Task Bytes_behind_the_announced_body_are_no_part_of_it()
    {
        await using var app = await TestIngestion.StartAsync();
        var body = Samples.Good(1);
        Assert.StartsWith("HTTP/1.1 202 ", await SendAsync(app, Request("application/json", $"Content-Length: {body.Length}\r\n", body + Samples.Good(2)), halfClose: false), StringComparison.Ordinal);
        Assert.Equal(1, app.Log.Count(Samples.Topic));
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n", 400)]
    [InlineData("Content-Length: -5\r\n", 400)]
    [InlineData("Content-Length: many\r\n", 400)]
    [InlineData("X\0Y: 1\r\n", 400)]
    public async Task Headers_that_are_none_are_400(string headers, int status)
    {
        await using var app = await TestIngestion.StartAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", await SendAsync(app, Request("application/json", headers, "{}   "), halfClose: false), StringComparison.Ordinal);
        Assert.Equal(0, app.Log.Count(Samples.Topic));
    }

    [Fact]
    public async Task Headers_without_end_are_431()
    {
        await using var app = await TestIngestion.StartAsync();
        Assert.StartsWith("HTTP/1.1 431 ", await SendAsync(app, Request("application/json", $"X-Big: {new string('x', 200_000)}\r\n", ""), halfClose: false), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", await SendAsync(app, Request("application/json", string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: y\r\n")), ""), halfClose: false), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(3))).StatusCode);
    }

    [Theory]
    [InlineData("""{"place":"A","seconds":1e400,"at":"2026-01-01T00:00:00Z"}""", "type", "seconds")]
    [InlineData("""{"place":"A","seconds":99999999999999999999999999999999,"at":"2026-01-01T00:00:00Z"}""", "type", "seconds")]
    [InlineData("""{"place":"A","seconds":1,"score":1e400,"at":"2026-01-01T00:00:00Z"}""", "type", "score")]
    [InlineData("""{"place":"A","seconds":1,"score":-1e999999999,"at":"2026-01-01T00:00:00Z"}""", "type", "score")]
    [InlineData("""{"place":"\uD800","seconds":1,"at":"2026-01-01T00:00:00Z"}""", "encoding", "place")]
    [InlineData("{\"place\":\"A\0B\",\"seconds\":1,\"at\":\"2026-01-01T00:00:00Z\"}", "json", null)]
    [InlineData("\0{\"place\":\"A\",\"seconds\":1}", "json", null)]
    [InlineData("""{"place":"A","seconds":01,"at":"2026-01-01T00:00:00Z"}""", "json", null)]
    [InlineData("""{"place":"A","seconds":NaN,"at":"2026-01-01T00:00:00Z"}""", "json", null)]
    [InlineData("""{"place":"A","seconds":1,"at":"9999999-01-01T00:00:00Z"}""", "type", "at")]
    [InlineData("""{"place":"A","seconds":1,"at":99999999999999999999}""", "type", "at")]
    public async Task Values_at_the_edges_of_JSON_are_rejected_by_field(string body, string rule, string? field)
    {
        await using var app = await TestIngestion.StartAsync();
        var response = await app.PostAsync(body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity, text);
        var reason = JsonDocument.Parse(text).RootElement.GetProperty("results")[0].GetProperty("reason");
        Assert.True((rule, field) == (reason.GetProperty("rule").GetString(), reason.GetProperty("field").GetString()), text);
        Assert.Equal(body, Encoding.UTF8.GetString(Assert.Single(app.Log.Read("test.visits.dlq")).Original));
    }

    [Theory]
    [InlineData("application/json", "encoding")]
    [InlineData("application/x-ndjson", "encoding")]
    public async Task Bytes_that_are_no_UTF_8_are_rejected_and_kept(string type, string rule)
    {
        await using var app = await TestIngestion.StartAsync();
        byte[] body = [.. "{\"place\":\""u8, 0xC3, 0x28, 0xFF, .. "\",\"seconds\":1,\"at\":\"2026-01-01T00:00:00Z\"}"u8];
        var response = await app.PostAsync(body, type);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var letter = Assert.Single(app.Log.Read("test.visits.dlq"));
        Assert.Equal(rule, letter.Rule);
        Assert.Equal(body, letter.Original);
    }

    [Theory]
    [InlineData(100, "application/json")]
    [InlineData(100_000, "application/json")]
    [InlineData(100_000, "application/x-ndjson")]
    [InlineData(400_000, "application/json")]
    public async Task Nesting_without_end_is_rejected_and_takes_no_stack(int depth, string type)
    {
        await using var app = await TestIngestion.StartAsync();
        foreach (var body in new[] { new string('[', depth), string.Concat(Enumerable.Repeat("{\"a\":", depth)), $"{{\"place\":{new string('[', depth)}{new string(']', depth)}}}" })
        {
            var response = await app.PostAsync(body, type);
            Assert.True(response.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest, $"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }

        Assert.Equal(0, app.Log.Count(Samples.Topic));
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Samples.Good(3))).StatusCode);
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over_once_and_a_body_packed_twice_is_none()
    {
        await using var app = await TestIngestion.StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync("\uFEFF" + Samples.Good(1))).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync("\uFEFF" + Samples.Good(1), "application/x-ndjson")).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.PostAsync("\uFEFF\uFEFF" + Samples.Good(1))).StatusCode);
        var packed = Encoding.UTF8.GetBytes(Samples.Good(1));
        for (var i = 0; i < 2; i++)
        {
            var output = new MemoryStream();
            using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(packed);
            packed = output.ToArray();
        }

        foreach (var (encoding, status) in new[] { ("gzip", HttpStatusCode.UnprocessableEntity), ("gzip, gzip", HttpStatusCode.UnsupportedMediaType) })
        {
            var content = new ByteArrayContent(packed);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
            Assert.Equal(status, (await app.Client.PostAsync(Path, content)).StatusCode);
        }
    }
}
