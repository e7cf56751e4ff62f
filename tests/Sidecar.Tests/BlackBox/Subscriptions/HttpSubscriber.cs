using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

/// <summary>An HTTP app that takes events on every path.</summary>
internal sealed class HttpSubscriber : Subscriber
{
    private WebApplication? _app;
    private int _port;

    public override int Port => _port;

    public override string Protocol => "http";

    public override async Task StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        _app = builder.Build();
        _app.MapGet("/healthz", context =>
        {
            CountProbe();
            context.Response.StatusCode = IsHealthy ? 200 : 503;
            return Task.CompletedTask;
        });
        _app.MapGet("/dapr/config", context =>
        {
            CountConfigured();
            return context.Response.WriteAsync("{}");
        });
        _app.MapGet("/dapr/subscribe", AskAsync);
        _app.MapPost("/{**path}", HandleAsync);
        await _app.StartAsync();
        _port = new Uri(_app.Urls.First()).Port;
    }

    public override async Task StopAsync()
    {
        if (_app is null)
            return;
        await TestHosts.EndAsync(_app);
        _app = null;
    }

    public override async ValueTask DisposeAsync() => await StopAsync();

    private Task AskAsync(HttpContext context)
    {
        CountAsked();
        AskedBy = context.Request.Headers["dapr-app-id"];
        if (Asks is not null)
            return context.Response.WriteAsJsonAsync(Asks.Select(wanted => wanted.Json()).ToArray());
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var headers = context.Request.Headers.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value.ToString());
        if (document.RootElement.TryGetProperty("entries", out var entries))
        {
            await HandleBulkAsync(context, entries, headers);
            return;
        }

        var reply = await TakeAsync(Read(context.Request.Path, document.RootElement, headers));
        context.Response.StatusCode = reply switch { Reply.Fail => 503, Reply.Missing => 404, _ => 200 };
        if (reply is Reply.Retry or Reply.Drop)
            await context.Response.WriteAsJsonAsync(new { status = reply.ToString().ToUpperInvariant() });
    }

    private async Task HandleBulkAsync(HttpContext context, JsonElement entries, Dictionary<string, string> headers)
    {
        var list = entries.EnumerateArray().Select(entry => ReadEntry(context.Request.Path, entry, headers)).ToList();
        var replies = await TakeAsync(list);
        if (replies.Any(reply => reply is Reply.Fail or Reply.Missing))
        {
            context.Response.StatusCode = replies.Contains(Reply.Missing) ? 404 : 503;
            return;
        }

        await context.Response.WriteAsJsonAsync(new
        {
            statuses = entries.EnumerateArray().Select((entry, i) => new { entryId = entry.GetProperty("entryId").GetString(), status = replies[i].ToString().ToUpperInvariant() }),
        });
    }

    private static Received ReadEntry(string path, JsonElement entry, Dictionary<string, string> headers)
    {
        var value = entry.GetProperty("event");
        return value.ValueKind == JsonValueKind.String
            ? new Received { Path = path, Data = value.GetBytesFromBase64(), ContentType = entry.GetProperty("contentType").GetString()!, Headers = headers }
            : Read(path, value, headers);
    }

    private static Received Read(string path, JsonElement root, IReadOnlyDictionary<string, string> headers) => new()
    {
        Path = path,
        Topic = Text(root, "topic"),
        PubSub = Text(root, "pubsubname"),
        Id = Text(root, "id"),
        Source = Text(root, "source"),
        Type = Text(root, "type"),
        SpecVersion = Text(root, "specversion"),
        ContentType = Text(root, "datacontenttype"),
        Data = DataOf(root),
        Headers = headers,
    };

    private static byte[] DataOf(JsonElement root)
    {
        if (root.TryGetProperty("data_base64", out var bytes))
            return bytes.GetBytesFromBase64();
        if (!root.TryGetProperty("data", out var data) || data.ValueKind == JsonValueKind.Null)
            return [];
        return Encoding.UTF8.GetBytes(data.ValueKind == JsonValueKind.String ? data.GetString()! : data.GetRawText());
    }

    private static string Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
