using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

public sealed class ReservedCharacterTests(InvocationPair pair) : IClassFixture<InvocationPair>
{
    [Theory]
    [InlineData("test%23stream")]
    [InlineData("test%3Fstream")]
    [InlineData("test%25stream")]
    [InlineData("test%0Dstream")]
    [InlineData("a%23b%3Fc%25d")]
    public async Task Method_with_characters_of_a_url_or_control_characters_is_500(string method)
    {
        var (status, _) = await SendAsync($"/v1.0/invoke/{pair.Callee.AppId}/method/{method}");
        Assert.Equal(500, status);
    }

    /// <summary>daprd: 500. Kestrel refuses such an address before any of our code sees it.</summary>
    [Fact]
    public async Task Method_with_a_null_character_is_refused()
    {
        var (status, _) = await SendAsync($"/v1.0/invoke/{pair.Callee.AppId}/method/test%00stream");
        Assert.Contains(status, (int[])[400, 500]);
    }

    [Theory]
    [InlineData("test%22stream?path", "/test%22stream?path")]
    [InlineData("test%2Astream?path", "/test*stream?path")]
    [InlineData("test*stream?path", "/test*stream?path")]
    [InlineData("test%5Cstream?path", "/test%5Cstream?path")]
    [InlineData("admin%2F..%2Fpublic?path", "/public?path")]
    [InlineData("admin/../public?path", "/public?path")]
    [InlineData("..%2Fpublic?path", "/public?path")]
    [InlineData("public///extra?path", "/public/extra?path")]
    [InlineData("public/?path", "/public?path")]
    [InlineData("%C3%A4?path&x=%C3%A4+b%20c", "/%C3%A4?path&x=%C3%A4+b%20c")]
    [InlineData("a+b?path", "/a+b?path")]
    public async Task Method_reaches_the_app_decoded_and_cleaned_and_the_query_as_it_is(string method, string expected)
    {
        var (status, body) = await SendAsync($"/v1.0/invoke/{pair.Callee.AppId}/method/{method}");
        Assert.Equal((200, expected), (status, body));
    }

    [Theory]
    [InlineData("/mymethod", 200, "/mymethod")]
    [InlineData("/admin/../public", 200, "/public")]
    [InlineData("/admin%2F..%2Fpublic", 200, "/public")]
    [InlineData("/test%23stream", 500, null)]
    public async Task Path_of_a_call_by_header_is_treated_the_same(string path, int status, string? expected)
    {
        var (found, body) = await SendAsync(path, $"dapr-app-id: {pair.Callee.AppId}\r\nx-path: 1\r\n");
        Assert.Equal(status, found);
        if (expected is not null)
            Assert.Equal(expected, body);
    }

    [Fact]
    public async Task Paths_and_headers_of_any_allowed_characters_arrive()
    {
        const string Characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:[]@!$'()+,=";
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var method = "a" + string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Characters[random.Next(Characters.Length)])) + "z";
            var (status, body) = await SendAsync($"/v1.0/invoke/{pair.Callee.AppId}/method/{method}?path");
            Assert.Equal((200, $"/{method}?path"), (status, body));
        }
    }

    /// <summary>A client that leaves the address as it is written.</summary>
    private async Task<(int Status, string Body)> SendAsync(string target, string headers = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, pair.Caller.HttpPort);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync();
        var status = int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (!answer.Contains("Transfer-Encoding: chunked", StringComparison.Ordinal))
            return (status, body);
        var text = new StringBuilder();
        for (var lines = body.Split("\r\n"); lines is [var size, var chunk, .. var rest] && size != "0"; lines = rest)
            text.Append(chunk);
        return (status, text.ToString());
    }
}
