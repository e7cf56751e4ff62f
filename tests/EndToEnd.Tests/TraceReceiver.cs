using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>An OTLP/HTTP trace endpoint that keeps the name and trace of every span (opentelemetry-proto, trace.proto).</summary>
public sealed class TraceReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TraceReceiver(WebApplication app) => _app = app;

    /// <summary>Trace id (32 hex digits), service and span name.</summary>
    public ConcurrentQueue<(string TraceId, string Service, string Span)> Spans { get; } = new();

    public string Endpoint => _app.Urls.First();

    public static async Task<TraceReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var receiver = new TraceReceiver(builder.Build());
        receiver._app.MapPost("/v1/traces", receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        foreach (var resourceSpans in Messages(body.ToArray(), 1))
        {
            var service = Messages(resourceSpans, 1).SelectMany(resource => Messages(resource, 1)).Select(Attribute).FirstOrDefault(pair => pair.Key == "service.name").Value ?? "";
            foreach (var span in Messages(resourceSpans, 2).SelectMany(scope => Messages(scope, 2)))
                Spans.Enqueue((Convert.ToHexStringLower(Messages(span, 1).First()), service, System.Text.Encoding.UTF8.GetString(Messages(span, 5).First())));
        }
    }

    private static (string Key, string? Value) Attribute(byte[] pair) =>
        (System.Text.Encoding.UTF8.GetString(Messages(pair, 1).First()), Messages(pair, 2).SelectMany(value => Messages(value, 1)).Select(System.Text.Encoding.UTF8.GetString).FirstOrDefault());

    /// <summary>The length-delimited values of one field of a protobuf message.</summary>
    private static List<byte[]> Messages(byte[] message, int field)
    {
        List<byte[]> values = [];
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                values.Add(input.ReadBytes().ToByteArray());
            else
                input.SkipLastField();
        }

        return values;
    }
}
