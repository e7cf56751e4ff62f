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
}
