using System.Net;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

public sealed class HopByHopTests(InvocationPair pair) : IClassFixture<InvocationPair>
{
    /// <summary>What the app answers with. Kestrel writes the two about transfer itself.</summary>
    internal static readonly (string Name, string Value)[] ResponseHeaders =
    [
        ("Upgrade", "h2c"), ("Keep-Alive", "timeout=5"), ("Proxy-Connection", "keep-alive"), ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
        ("TE", "trailers"), ("Proxy-Authorization", "Basic dGVzdDp0ZXN0"), ("Proxy-Authenticate", "Basic realm=test"),
    ];

    private static readonly string[] Names = ["Keep-Alive", "Upgrade", "HTTP2-Settings", "TE", "Trailer", "Proxy-Authorization", "Proxy-Authenticate", "Proxy-Connection"];

    [Fact]
    public async Task Headers_of_one_connection_do_not_reach_the_app()
    {
        foreach (var callee in (Daprd[])[pair.Caller, pair.Callee])
        {
            foreach (var verb in (string[])["GET", "POST", "PUT", "DELETE", "PATCH"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Parse(verb), $"/v1.0/invoke/{callee.AppId}/method/headers");
                foreach (var name in Names)
                    request.Headers.TryAddWithoutValidation(name, "test-value");
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer token123");
                request.Headers.TryAddWithoutValidation("X-End-To-End", "should-survive");
                using var response = await pair.Caller.Http.SendAsync(request);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                var got = await response.Content.ReadAsStringAsync();
                Assert.DoesNotContain("test-value", got, StringComparison.Ordinal);
                Assert.Contains("X-End-To-End: should-survive", got, StringComparison.OrdinalIgnoreCase);
                Assert.Contains("Authorization: Bearer token123", got, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task Headers_of_one_connection_do_not_reach_the_caller()
    {
        foreach (var target in (string[])[pair.Caller.AppId, pair.Callee.AppId, $"http://localhost:{pair.AppPort}"])
        {
            using var response = await pair.Caller.Http.GetAsync($"/v1.0/invoke/{target}/method/hop-by-hop");
            Assert.Equal("ok", await response.Content.ReadAsStringAsync());
            foreach (var (name, _) in ResponseHeaders)
                Assert.False(response.Headers.NonValidated.Contains(name), $"{name} of {target}");
            Assert.False(response.Headers.Contains("dapr-app-id"));
            Assert.Equal("should-be-forwarded", response.Headers.GetValues("X-Custom-Response").Single());
        }
    }
}
