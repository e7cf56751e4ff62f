using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Connections that break the protocol, stop halfway or are slow: they cost themselves alone.</summary>
public sealed class ConnectionTests(BadInputSidecar sidecar, ITestOutputHelper output) : IClassFixture<BadInputSidecar>
{
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8];

    [Theory]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET /v1.0/healthz HTTP/1.1\r\n\r\n")]
    [InlineData("GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003")]
    [InlineData("POST /v1.0/state/ss HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /v1.0/state/ss HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /v1.0/state/ss HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("POST /v1.0/state/ss HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[{\"key\"")]
    [InlineData("GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\nX\0Y: z\r\n\r\n")]
    [InlineData("GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: %%%\r\n\r\n")]
    public async Task Broken_http_1_ends_its_own_connection(string text)
    {
        foreach (var port in (int[])[sidecar.Daprd.HttpPort, sidecar.Daprd.PublicPort, sidecar.Daprd.GrpcPort, sidecar.Daprd.InternalGrpcPort, sidecar.Daprd.MetricsPort, sidecar.Daprd.ProfilePort])
        {
            var answer = await BadInputSidecar.SendRawAsync(port, Encoding.Latin1.GetBytes(text));
            Assert.DoesNotContain("HTTP/1.1 200", answer, StringComparison.Ordinal);
        }

        await sidecar.AssertAliveAsync();
    }

    [Theory(Timeout = 600_000)]
    [InlineData(5)]
    public async Task Http_2_garbage_ends_its_own_connection(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await Parallel.ForEachAsync(Enumerable.Range(0, 300).Select(_ => (Garbage(random), random.Next(2))).ToArray(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (connection, _) =>
            await BadInputSidecar.SendRawAsync(connection.Item2 == 0 ? sidecar.Daprd.GrpcPort : sidecar.Daprd.HttpPort, connection.Item1));
        await sidecar.AssertAliveAsync();
    }

    [Fact(Timeout = 600_000)]
    public async Task Hundreds_of_half_open_and_slow_connections_do_not_hold_up_others()
    {
        var clients = new List<TcpClient>();
        try
        {
            foreach (var start in (string[])["", "P", "PRI * HTTP/2.0\r\n\r\n", "POST /v1.0/state/ss HTT", "POST /v1.0/state/ss HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n["])
            {
                for (var i = 0; i < 60; i++)
                {
                    var client = new TcpClient();
                    clients.Add(client);
                    await client.ConnectAsync(IPAddress.Loopback, i % 2 == 0 ? sidecar.Daprd.HttpPort : sidecar.Daprd.GrpcPort);
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(start));
                }
            }

            using var content = new ByteArrayContent("{}"u8.ToArray());
            using var published = await sidecar.Daprd.Http.PostAsync("/v1.0/publish/ps/t", content);
            Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        await sidecar.AssertAliveAsync();
    }

    [Fact(Timeout = 600_000)]
    public async Task Sender_of_a_byte_now_and_then_is_served_when_the_body_is_whole()
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, sidecar.Daprd.HttpPort);
        var stream = client.GetStream();
        foreach (var part in "POST /v1.0/publish/ps/t HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nslow".Chunk(9))
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(part));
            await stream.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        Assert.StartsWith("HTTP/1.1 204 ", Encoding.ASCII.GetString(answer.ToArray()), StringComparison.Ordinal);
    }

    /// <summary>The preface, mostly, then frames of chance kinds, flags, streams and lengths.</summary>
    private static byte[] Garbage(Random random)
    {
        var bytes = new List<byte>();
        if (random.Next(10) > 0)
            bytes.AddRange([.. Preface, 0, 0, 0, 4, 0, 0, 0, 0, 0]);
        for (var frames = random.Next(1, 12); frames > 0; frames--)
        {
            var payload = new byte[random.Next(4) == 0 ? random.Next(20_000) : random.Next(40)];
            random.NextBytes(payload);
            var told = random.Next(6) == 0 ? random.Next(1 << 24) : payload.Length;
            bytes.AddRange([(byte)(told >> 16), (byte)(told >> 8), (byte)told, (byte)random.Next(12), (byte)random.Next(256), 0, 0, 0, (byte)random.Next(8), .. payload]);
        }

        return [.. bytes];
    }
}
