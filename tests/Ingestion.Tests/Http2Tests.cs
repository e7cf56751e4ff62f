using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.Memory;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>HTTP/2 with prior knowledge and HTTP/1.1 on the same port.</summary>
public sealed class Http2Tests
{
    private static HttpRequestMessage Post(HttpContent content, Version version)
    {
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson");
        return new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{Samples.Topic}/events") { Content = content, Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    [Fact]
    public async Task One_port_serves_both_versions()
    {
        await using var app = await TestIngestion.StartAsync();
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var response = await app.Client.SendAsync(Post(new StringContent(Samples.Good(1)), version));
            Assert.Equal((HttpStatusCode.Accepted, version), (response.StatusCode, response.Version));
        }

        Assert.Equal(2, app.Log.Read(Samples.Topic).Count);
    }

    [Fact]
    public async Task A_connection_that_begins_byte_by_byte_is_recognised()
    {
        await using var app = await TestIngestion.StartAsync();
        foreach (var (bytes, answer) in new[] { ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", "\0\0"), ("POST /healthz HTTP/1.0\r\n\r\n", "HTTP/1.1 ") })
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(IPAddress.Loopback, app.Client.BaseAddress!.Port);
            foreach (var value in Encoding.Latin1.GetBytes(bytes))
                await client.GetStream().WriteAsync(new[] { value });
            var read = new byte[answer.Length];
            await client.GetStream().ReadExactlyAsync(read).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(answer, Encoding.Latin1.GetString(read));
        }
    }

    [Fact]
    public async Task Many_streams_of_one_connection_are_taken_though_one_of_them_stalls()
    {
        await using var app = await TestIngestion.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = false }) { BaseAddress = app.Client.BaseAddress };
        var resume = new TaskCompletionSource();
        var stalled = client.SendAsync(Post(new SlowBody([Samples.Good(0) + "\n", Samples.Good(1)], resume.Task), HttpVersion.Version20));
        // All of it fits the queue: the log is slower than fifty senders, and a door whose queue is full refuses.
        var lines = string.Join('\n', Enumerable.Range(0, 400).Select(Samples.Good));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.SendAsync(Post(new StringContent(lines), HttpVersion.Version20)))).WaitAsync(TimeSpan.FromSeconds(60));
        var isStalled = !stalled.IsCompleted;
        // Before anything is asserted: a request that is never resumed would hold up the service's stop.
        resume.SetResult();
        foreach (var answer in answers)
            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Assert.True(isStalled);
        Assert.Equal(HttpStatusCode.Accepted, (await stalled).StatusCode);
        Assert.Equal(20_002, app.Log.Count(Samples.Topic));
        Assert.Equal(0, app.App.Services.GetRequiredService<MemoryBudget>().Held);
    }

    [Fact]
    public async Task Curl_posts_with_prior_knowledge()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "curl"))))
            Assert.Skip("no curl: apt-get install curl");
        await using var app = await TestIngestion.StartAsync();
        using var curl = Process.Start(new ProcessStartInfo("curl", ["-s", "--http2-prior-knowledge", "-H", "Content-Type: application/json", "-d", Samples.Good(1), "-w", " %{http_version} %{http_code}", $"{app.Client.BaseAddress}v1/streams/{Samples.Topic}/events"]) { RedirectStandardOutput = true })!;
        Assert.Equal("""{"accepted":1,"rejected":0} 2 202""", await curl.StandardOutput.ReadToEndAsync());
    }
}
