using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Cel;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>A message read as a CloudEvent: its own, the one its headers hold, or the one made around a raw value.</summary>
internal sealed class IncomingEvent : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 1024 };

    private readonly JsonDocument? _document;
    private readonly MessageHeaders _headers;

    private IncomingEvent(ReadOnlyMemory<byte> json, JsonDocument? document, MessageHeaders headers, string? fault)
    {
        Json = json;
        _document = document;
        _headers = headers;
        Fault = fault;
    }

    /// <summary>The event in structured JSON. Valid as long as the message.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Why the message is no CloudEvent; null where it is one.</summary>
    public string? Fault { get; }

    /// <summary>The event's fields. Only where there is no <see cref="Fault"/>.</summary>
    public JsonElement Root => _document!.RootElement;

    public string Id => Text("id") ?? "";

    /// <summary>The W3C trace context, where it is a text; that of the message where the event has none.</summary>
    public string? TraceParent =>
        Root.TryGetProperty("traceparent"u8, out var own) ? StringOf(own)
        : _headers.Find("traceparent") is { } outer ? outer
        : Text("traceid") ?? _headers.Find("traceid");

    public string? TraceState => Text("tracestate") ?? _headers.Find("tracestate");

    /// <param name="outlives">The event may be used after the message's memory has been given back.</param>
    public static IncomingEvent Read(in DeliveredMessage message, SubscriptionDefinition definition, bool outlives = false)
    {
        if (definition.Fault is { } fault)
            return new IncomingEvent(default, null, message.Headers, fault);
        var json = definition.IsRaw ? RawEnvelope.Write(message, definition)
            : BinaryEnvelope.IsBinary(message.Headers) ? BinaryEnvelope.Write(message)
            : outlives ? message.Value.ToArray() : message.Value;
        try
        {
            var document = JsonDocument.Parse(GoUnicode.Repaired(json), Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new IncomingEvent(json, document, message.Headers, null);
            document.Dispose();
            return new IncomingEvent(json, null, message.Headers, "the value is no JSON object; expected a CloudEvent, or a subscription with rawPayload");
        }
        catch (JsonException exception)
        {
            return new IncomingEvent(json, null, message.Headers, $"the value is no JSON ({exception.Message}); expected a CloudEvent, or a subscription with rawPayload");
        }
    }

    /// <summary>True where the event's <c>expiration</c> has passed.</summary>
    public bool IsExpired(DateTimeOffset now) =>
        Text("expiration") is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration)
        && expiration < now;

    /// <summary>Where the event goes by its rules.</summary>
    public RouteChoice Route(IReadOnlyList<RouteRule> rules) => RouteChoice.Of(rules, CelValue.Of(Root));

    /// <summary>A field that is a text, else null.</summary>
    public string? Text(string name) => Root.TryGetProperty(name, out var property) ? StringOf(property) : null;

    public void Dispose() => _document?.Dispose();

    private static string? StringOf(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;
}
