using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary>HTTP apps behind each value of <c>--app-protocol</c>, in every way a sidecar calls its app.</summary>
public sealed class AppProtocolTests : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, string Protocol, bool Tls)> _requests = new();
    private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _delivered = new(0);
    private volatile bool _healthy = true;
    private WebTestApp? _app;

    public static TheoryData<string, bool, string, string, bool> Protocols => new()
    {
        { "http", false, "http", "HTTP/1.1", false },
        { "https", false, "https", "HTTP/1.1", true },
        { "http", true, "https", "HTTP/1.1", true },
        { "h2c", false, "h2c", "HTTP/2", false },
    };

    public async ValueTask DisposeAsync()
    {
        _second.TrySetResult();
        if (_app is not null)
            await _app.DisposeAsync();
        _delivered.Dispose();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task App_is_asked_delivered_to_and_invoked_in_its_protocol(string flag, bool ssl, string protocol, string version, bool tls)
    {
        await using var daprd = await StartAsync(flag, ssl, version, tls);
        await using var other = await Daprd.StartAsync();
        Assert.Equal(protocol, (await daprd.MetadataAsync()).GetProperty("appConnectionProperties").GetProperty("protocol").GetString());

        await Eventually.TrueAsync(async () => DaprdReads.List(await daprd.MetadataAsync(), "subscriptions").Length == 1, () => "the app's subscription");
        using (var published = await daprd.Http.PostAsync("/v1.0/publish/pub/a", new StringContent("x")))
            Assert.True(published.IsSuccessStatusCode);
        Assert.True(await _delivered.WaitAsync(TimeSpan.FromSeconds(60)), daprd.Log);

        var body = new string('b', 300_000);
        foreach (var caller in (Daprd[])[daprd, other])
        {
            var answer = await caller.PostAsync($"/v1.0/invoke/{daprd.AppId}/method/echo?a=b", body, "text/plain", ("x-mine", "1"));
            Assert.Equal((201, body, "1 ?a=b"), ((int)answer.Status, answer.Body, answer.Headers["x-seen"]));
        }

        Assert.Superset(new HashSet<string> { "/dapr/config", "/dapr/subscribe", "/healthz", "/a", "/echo" }, _requests.Select(request => request.Path).ToHashSet());
        Assert.All(_requests, request => Assert.Equal((version, tls), (request.Protocol, request.Tls)));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Answer_of_the_app_is_handed_on_while_it_is_written(string flag, bool ssl, string protocol, string version, bool tls)
    {
        _ = protocol;
        await using var daprd = await StartAsync(flag, ssl, version, tls);
        using var response = await daprd.Http.GetAsync($"/v1.0/invoke/{daprd.AppId}/method/two-parts", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var part = new byte[5];
        await stream.ReadExactlyAsync(part).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        _second.SetResult();
        await stream.ReadExactlyAsync(part);
        Assert.Equal("later", System.Text.Encoding.ASCII.GetString(part));
        Assert.Equal(0, await stream.ReadAsync(part));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Health_of_the_app_is_asked_in_its_protocol(string flag, bool ssl, string protocol, string version, bool tls)
    {
        _ = protocol;
        await using var daprd = await StartAsync(flag, ssl, version, tls);
        await InvokedAsync(201);
        _healthy = false;
        await InvokedAsync(500);
        Assert.Contains("App entered un-healthy status: Health check failed with status code: 503", daprd.Log, StringComparison.Ordinal);
        _healthy = true;
        await InvokedAsync(201);

        Task InvokedAsync(int status) => Eventually.TrueAsync(
            async () => (int)(await daprd.PostAsync($"/v1.0/invoke/{daprd.AppId}/method/echo")).Status == status,
            () => $"status {status}\n{daprd.Log}");
    }

    private async Task<Daprd> StartAsync(string flag, bool ssl, string version, bool tls)
    {
        _app = await WebTestApp.StartAsync(HandleAsync, protocols: version == "HTTP/2" ? HttpProtocols.Http2 : HttpProtocols.Http1, certificate: tls ? TestCertificate.Create() : null);
        var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = _app.Port,
            AppProtocol = flag,
            AppHealthCheck = true,
            AppHealthProbeInterval = 1,
            AppHealthThreshold = 1,
            Resources = [Manifests.InMemoryPubSub("pub")],
            Flags = ssl ? ["--app-ssl"] : [],
        });
        await daprd.HasHealthyAppAsync();
        return daprd;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        _requests.Enqueue((request.Path.Value!, request.Protocol, request.IsHttps));
        switch (request.Path.Value)
        {
            case "/dapr/subscribe":
                await response.WriteAsync("""[{"pubsubname":"pub","topic":"a","route":"/a"}]""");
                break;
            case "/healthz":
                response.StatusCode = _healthy ? 200 : 503;
                break;
            case "/a":
                _delivered.Release();
                break;
            case "/echo":
                response.StatusCode = 201;
                response.Headers["x-seen"] = $"{request.Headers["x-mine"]} {request.QueryString}";
                await request.Body.CopyToAsync(response.Body);
                break;
            case "/two-parts":
                await response.WriteAsync("first");
                await response.Body.FlushAsync();
                await _second.Task;
                await response.WriteAsync("later");
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }
}
