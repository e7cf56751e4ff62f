using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Sidecar.Cel;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>A message read as a CloudEvent: its own, or the one made around a raw value.</summary>
internal sealed class IncomingEvent : IDisposable
{
    private readonly JsonDocument? _document;

    private IncomingEvent(ReadOnlyMemory<byte> json, JsonDocument? document, string? fault, DateTimeOffset now)
    {
        Json = json;
        _document = document;
        Fault = fault;
        IsExpired = document is not null && Text("expiration") is { } text
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration) && expiration <= now;
    }

    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Why the message is no CloudEvent; null where it is one.</summary>
    public string? Fault { get; }

    public bool IsExpired { get; }

    /// <summary>The W3C trace context, where it is a text.</summary>
    public string? TraceParent => Text("traceparent") ?? Text("traceid");

    public static IncomingEvent Read(ReadOnlyMemory<byte> value, bool isRaw, string pubsub, string topic, DateTimeOffset now)
    {
        var json = isRaw ? CloudEvents.Synthesize(value.Span, pubsub, topic, now) : value;
        try
        {
            var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new IncomingEvent(json, document, null, now);
            document.Dispose();
            return new IncomingEvent(json, null, "the value is no JSON object; expected a CloudEvent, or a subscription with rawPayload", now);
        }
        catch (JsonException exception)
        {
            return new IncomingEvent(json, null, $"the value is no JSON ({exception.Message}); expected a CloudEvent, or a subscription with rawPayload", now);
        }
    }

    /// <summary>Where the event goes by its rules.</summary>
    public RouteChoice Route(IReadOnlyList<RouteRule> rules) => RouteChoice.Of(rules, CelValue.Of(_document!.RootElement));

    public void Dispose() => _document?.Dispose();

    private string? Text(string name) =>
        _document!.RootElement.TryGetProperty(name, out var property) && property.ValueKind == JsonValueKind.String ? property.GetString() : null;
}
