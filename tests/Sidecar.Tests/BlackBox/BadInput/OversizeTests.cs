using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Bodies, headers and messages beyond the limits.</summary>
public sealed class OversizeTests(BadInputSidecar sidecar, ITestOutputHelper output) : IClassFixture<BadInputSidecar>
{
    [Theory]
    [InlineData("/v1.0/publish/ps/t", 500, "ERR_PUBSUB_PUBLISH_MESSAGE")]
    [InlineData("/v1.0/publish/bulk/ps/t", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/state/ss", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("/v1.0/state/ss/bulk", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("/v1.0/state/ss/transaction", 400, "ERR_MALFORMED_REQUEST")]
    public async Task Body_above_the_limit_is_refused_whether_its_length_is_told_or_not(string target, int status, string code)
    {
        var body = "["u8.ToArray().Concat(Enumerable.Repeat((byte)' ', BadInputSidecar.MaxBodyBytes + 1)).ToArray();
        foreach (var chunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await sidecar.Daprd.Http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            output.WriteLine($"chunked {chunked}: {(int)response.StatusCode} {text}");
            var error = JsonDocument.Parse(text).RootElement;
            Assert.Equal((status, code), ((int)response.StatusCode, error.GetProperty("errorCode").GetString()));
            Assert.EndsWith("stream too large", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        await sidecar.AssertAliveAsync();
    }

    [Fact]
    public async Task Chunked_body_without_an_end_is_cut_off_at_the_limit()
    {
        var head = Encoding.ASCII.GetBytes("POST /v1.0/publish/ps/t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('x', 0x10000)}\r\n");
        var answer = await BadInputSidecar.SendRawAsync(sidecar.Daprd.HttpPort, [.. head, .. Enumerable.Repeat(chunk, 100).SelectMany(c => c)], thenClose: false);
        if (answer.Length > 0)
            Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
        await sidecar.AssertAliveAsync();
    }

    [Fact]
    public async Task Length_that_is_told_but_never_comes_reserves_nothing()
    {
        var before = sidecar.Daprd.ResidentBytes;
        var request = Encoding.ASCII.GetBytes($"POST /v1.0/publish/ps/t HTTP/1.1\r\nHost: x\r\nContent-Length: {BadInputSidecar.MaxBodyBytes}\r\n\r\nx");
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => BadInputSidecar.SendRawAsync(sidecar.Daprd.HttpPort, request)));
        Assert.All(answers, answer => Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer));
        Assert.True(sidecar.Daprd.ResidentBytes - before < 50 * 1024 * 1024);
        await sidecar.AssertAliveAsync();
    }

    [Theory]
    [InlineData(1, 200_000)]
    [InlineData(20_000, 5)]
    public async Task Headers_above_the_read_buffer_are_refused(int count, int length)
    {
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('x', length)}\r\n"));
        var answer = await BadInputSidecar.SendRawAsync(sidecar.Daprd.HttpPort, Encoding.ASCII.GetBytes($"GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
        if (answer.Length > 0)
            Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        await sidecar.AssertAliveAsync();
    }

    [Fact]
    public async Task Request_line_above_the_read_buffer_is_refused()
    {
        var answer = await BadInputSidecar.SendRawAsync(sidecar.Daprd.HttpPort, Encoding.ASCII.GetBytes($"GET /v1.0/state/ss/{new string('x', 100_000)} HTTP/1.1\r\nHost: x\r\n\r\n"));
        if (answer.Length > 0)
            Assert.Contains(answer.Split(' ')[1], (string[])["414", "431"]);
        await sidecar.AssertAliveAsync();
    }

    [Fact]
    public async Task Grpc_message_above_the_limit_exhausts_a_resource()
    {
        var request = new PublishEventRequest { PubsubName = "ps", Topic = "t", Data = ByteString.CopyFrom(new byte[BadInputSidecar.MaxBodyBytes + 1]) };
        var error = await Assert.ThrowsAsync<RpcException>(async () => await sidecar.Daprd.Grpc.PublishEventAsync(request));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        output.WriteLine(error.Status.Detail);
        await sidecar.AssertAliveAsync();
    }
}
