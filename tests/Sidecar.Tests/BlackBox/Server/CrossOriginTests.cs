using System.Net;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Server;

public sealed class CrossOriginTests
{
    [Fact]
    public async Task Without_origins_a_preflight_is_404_and_no_header_speaks_of_origins()
    {
        await using var daprd = await Daprd.StartAsync();
        using var response = await PreflightAsync(daprd, "https://test.com");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Empty(response.Headers.Vary);
    }

    [Fact]
    public async Task Without_origins_a_preflight_needs_the_token_and_is_404_with_it()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Environment = Token });
        foreach (var (token, expected) in ((string?, HttpStatusCode)[])[(null, HttpStatusCode.Unauthorized), ("foo", HttpStatusCode.Unauthorized), ("test", HttpStatusCode.NotFound)])
        {
            using var response = await PreflightAsync(daprd, "*", token);
            Assert.Equal(expected, response.StatusCode);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData("https://example.com", "https://example.com", "https://example.com")]
    [InlineData("https://example.com", "https://foobaz.com", null)]
    [InlineData("https://a.com,https://*.b.com", "https://x.b.com", "https://x.b.com")]
    [InlineData("*", "https://anything.com", "*")]
    public async Task Preflight_is_200_without_token_and_tells_listed_origins_only(string origins, string origin, string? allowed)
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Environment = Token, Flags = [$"--allowed-origins={origins}"] });
        foreach (var token in (string?[])[null, "foo"])
        {
            using var response = await PreflightAsync(daprd, origin, token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? Assert.Single(values) : null);
            Assert.NotEmpty(response.Headers.Vary);
        }

        using var plain = new HttpRequestMessage(HttpMethod.Get, "/v1.0/metadata");
        plain.Headers.Add("dapr-api-token", "test");
        using var answer = await daprd.Http.SendAsync(plain);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static Dictionary<string, string> Token => new() { ["DAPR_API_TOKEN"] = "test" };

    private static async Task<HttpResponseMessage> PreflightAsync(Daprd daprd, string origin, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1.0/metadata");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        if (token is not null)
            request.Headers.Add("dapr-api-token", token);
        return await daprd.Http.SendAsync(request);
    }
}
