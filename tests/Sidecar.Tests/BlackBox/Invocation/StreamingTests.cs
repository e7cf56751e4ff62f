using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

public sealed class StreamingTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebTestApp? _app;
    private Daprd? _caller;
    private Daprd? _callee;
    private int _calls;

    public async ValueTask InitializeAsync()
    {
        _app = await WebTestApp.StartAsync(HandleAsync);
        _callee = await Daprd.StartAsync(new DaprdSetup { AppPort = _app.Port });
        _caller = await Daprd.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _second.TrySetResult();
        if (_caller is not null)
            await _caller.DisposeAsync();
        if (_callee is not null)
            await _callee.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    [Fact]
    public async Task Chunked_request_passes_whole_and_once()
    {
        using var response = await PostAsync("sink", Enumerable.Repeat(new string('A', 1024), 1024));
        Assert.Equal($"{1 << 20}", await response.Content.ReadAsStringAsync());
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task Answer_reaches_the_caller_while_the_app_still_writes_it()
    {
        foreach (var sidecar in (Daprd[])[_caller!, _callee!])
        {
            using var response = await sidecar.Http.GetAsync($"/v1.0/invoke/{_callee!.AppId}/method/two-parts", HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.Content.ReadAsStreamAsync();
            var part = new byte[16 * 1024];
            await body.ReadExactlyAsync(part).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
            Assert.All(part, octet => Assert.Equal((byte)'A', octet));
            _second.TrySetResult();
            await body.ReadExactlyAsync(part);
            Assert.All(part, octet => Assert.Equal((byte)'B', octet));
            Assert.Equal(0, await body.ReadAsync(part));
        }
    }

    [Fact]
    public async Task Events_pass_as_they_happen()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1.0/invoke/{_callee!.AppId}/method/events") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await _caller!.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: 1", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));
        _second.TrySetResult();
        Assert.Equal("data: 2", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Events_that_the_app_refuses_are_an_error_of_invocation()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1.0/invoke/{_callee!.AppId}/method/nothing") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await _caller!.Http.SendAsync(request);
        Assert.Equal(
            $$"""{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: {{_callee.AppId}}, err: rpc error: code = Internal desc = error invoking app channel: no response received from stream"}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Error_with_a_megabyte_for_a_chunked_request_passes_whole_and_once()
    {
        using var response = await PostAsync("big-error", ["trigger"]);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(1 << 20, (await response.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task Small_error_keeps_status_and_body()
    {
        using var response = await _caller!.Http.PostAsync($"/v1.0/invoke/{_callee!.AppId}/method/small-error", new StringContent("test"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("""{"error":"bad request"}""", await response.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> PostAsync(string method, IEnumerable<string> chunks)
    {
        var pipe = new Pipe();
        _ = WriteAsync();
        return _caller!.Http.PostAsync($"/v1.0/invoke/{_callee!.AppId}/method/{method}", new StreamContent(pipe.Reader.AsStream()));

        async Task WriteAsync()
        {
            foreach (var chunk in chunks)
                await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(chunk));
            await pipe.Writer.CompleteAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/dapr", StringComparison.Ordinal))
            Interlocked.Increment(ref _calls);
        var response = context.Response;
        switch (context.Request.Path.Value)
        {
            case "/sink":
                long length = 0;
                var buffer = new byte[8192];
                for (int count; (count = await context.Request.Body.ReadAsync(buffer)) > 0;)
                    length += count;
                await response.WriteAsync($"{length}");
                break;
            case "/two-parts":
                await response.WriteAsync(new string('A', 16 * 1024));
                await response.Body.FlushAsync();
                await _second.Task;
                await response.WriteAsync(new string('B', 16 * 1024));
                break;
            case "/events":
                response.ContentType = "text/event-stream";
                await response.WriteAsync("data: 1\n");
                await response.Body.FlushAsync();
                await _second.Task;
                await response.WriteAsync("data: 2\n");
                break;
            case "/big-error":
                response.StatusCode = 500;
                for (var i = 0; i < 1024; i++)
                    await response.WriteAsync(new string('E', 1024));
                break;
            case "/small-error":
                response.StatusCode = 400;
                response.ContentType = "application/json";
                await response.WriteAsync("""{"error":"bad request"}""");
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }
}
