using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>A request the app got.</summary>
internal sealed record AppRequest(string Path, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public System.Text.Json.JsonElement Json => System.Text.Json.JsonDocument.Parse(Body).RootElement;
}

/// <summary>A small app: answers <c>/dapr/subscribe</c> with a given text and records what is delivered.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<AppRequest> _requests = System.Threading.Channels.Channel.CreateUnbounded<AppRequest>();

    private TestApp(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>Decides the answer; status 200 and an empty body by default.</summary>
    public Func<AppRequest, (int Status, string Body)> Answer { get; set; } = _ => (200, "");

    public static async Task<TestApp> StartAsync(string subscriptions, int port = 0)
    {
        var app = Builder(port).Build();
        var test = new TestApp(app);
        app.MapGet("/dapr/subscribe", () => Results.Text(subscriptions, "application/json"));
        app.MapPost("/{**path}", test.HandleAsync);
        await app.StartAsync();
        return test;
    }

    /// <summary>An app of official Dapr packages.</summary>
    public static async Task<TestApp> StartAsync(Action<WebApplication> map)
    {
        var builder = Builder(0);
        builder.Services.AddSingleton(new ActivitySource("Test"));
        var app = builder.Build();
        map(app);
        app.MapSubscribeHandler();
        await app.StartAsync();
        return new TestApp(app);
    }

    /// <summary>The next delivery.</summary>
    public async Task<AppRequest> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        return await _requests.Reader.ReadAsync(limit.Token);
    }

    public bool TryNext(out AppRequest? request) => _requests.Reader.TryRead(out request);

    /// <summary>Ends it without waiting for requests in flight, as far as a server in this process can.</summary>
    public async Task KillAsync()
    {
        await TestHosts.EndAsync(_app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplicationBuilder Builder(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 64 << 20;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        return builder;
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new AppRequest(context.Request.Path, body.ToArray(), context.Request.Headers.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value.ToString()));
        var (status, answer) = Answer(request);
        _requests.Writer.TryWrite(request);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(answer);
    }
}
