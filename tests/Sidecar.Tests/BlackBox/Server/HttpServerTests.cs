using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Server;

public sealed class HttpServerTests
{
    [Fact]
    public async Task Api_port_answers_http_1_and_http_2_with_prior_knowledge()
    {
        await using var daprd = await Daprd.StartAsync();
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1.0/healthz") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await daprd.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Equal(version, response.Version);
        }
    }

    [Fact]
    public async Task Idle_sidecar_ends_with_code_0_when_it_is_interrupted()
    {
        await using var daprd = await Daprd.StartAsync();
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Theory]
    [InlineData("PRI * HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("P")]
    public async Task Connection_that_is_neither_protocol_ends_and_the_sidecar_lives(string text)
    {
        await using var daprd = await Daprd.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, daprd.HttpPort);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        client.Client.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        using var response = await daprd.Http.GetAsync("/v1.0/healthz");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Request_that_asks_for_h2c_gets_101_and_its_answer_as_stream_1()
    {
        await using var daprd = await Daprd.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, daprd.HttpPort);
        var stream = client.GetStream();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        await stream.WriteAsync("GET /v1.0/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"u8.ToArray(), limit.Token);

        var head = await ReadHeadAsync(stream, limit.Token);
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nUpgrade: h2c\r\n", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nConnection: Upgrade\r\n", head, StringComparison.OrdinalIgnoreCase);

        // The preface and empty SETTINGS.
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0], limit.Token);
        while (true)
        {
            var frame = new byte[9];
            await stream.ReadExactlyAsync(frame, limit.Token);
            var payload = new byte[(frame[0] << 16) | (frame[1] << 8) | frame[2]];
            await stream.ReadExactlyAsync(payload, limit.Token);
            if (frame[3] != 1)
                continue;
            Assert.Equal(1, frame[8]);
            // ":status: 204" of HPACK's static table.
            Assert.Equal(0x80 | 9, payload[0]);
            return;
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
