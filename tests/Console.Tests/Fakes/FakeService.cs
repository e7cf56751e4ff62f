using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Console.Tests.Fakes;

/// <summary>A service that answers JSON on a port of its own; can be stopped and started again there.</summary>
internal sealed class FakeService(IReadOnlyDictionary<string, Func<HttpRequest, object?>> answers) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private WebApplication? _app;
    private int _port;

    public Uri Url => new($"http://127.0.0.1:{_port}/");

    public int Requests;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        _app = builder.Build();
        _app.MapGet("/healthz", () => "Healthy");
        foreach (var (path, answer) in answers)
        {
            _app.MapGet(path, (HttpContext context) =>
            {
                Interlocked.Increment(ref Requests);
                return answer(context.Request) is { } value ? Results.Json(value, s_json) : Results.Json(new { error = "found nothing of that name; expected one that is there" }, s_json, statusCode: 404);
            });
        }

        await _app.StartAsync();
        _port = new Uri(_app.Urls.First()).Port;
    }

    public async Task StopAsync()
    {
        if (_app is null)
            return;
        using var now = new CancellationTokenSource();
        now.Cancel();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
