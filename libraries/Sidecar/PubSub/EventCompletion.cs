using System.Buffers;
using System.Text.Json;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>A publisher's own CloudEvent: its fields stay as they are, topic and component are set, what is missing is filled in.</summary>
internal static class EventCompletion
{
    /// <summary>False with a cause, in the words of Go's decoder, where the data is no JSON object.</summary>
    public static bool TryWrite(IBufferWriter<byte> output, ReadOnlyMemory<byte> data, in EventOrigin origin, out string cause)
    {
        using var document = GoJsonBody.Parse(data, out cause);
        if (document is null)
            return false;
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            cause = $"json: cannot unmarshal {GoJsonText.Kind(document.RootElement)} into Go value of type map[string]interface {{}}";
            return false;
        }

        Write(CloudEvents.WriterTo(output), document.RootElement, origin);
        return true;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement root, in EventOrigin origin)
    {
        var hasTraceId = root.TryGetProperty("traceid"u8, out _);
        writer.WriteStartObject();
        foreach (var property in root.EnumerateObject())
        {
            if (!IsReplaced(property, hasTraceId, origin))
                property.WriteTo(writer);
        }

        writer.WriteString("topic"u8, origin.Topic);
        writer.WriteString("pubsubname"u8, origin.PubSub);
        if (IsMissing(root, "source"u8))
            writer.WriteString("source"u8, CloudEvents.DefaultSource);
        if (IsMissing(root, "type"u8))
            writer.WriteString("type"u8, CloudEvents.DefaultType);
        if (IsMissing(root, "specversion"u8))
            writer.WriteString("specversion"u8, CloudEvents.SpecVersion);
        if (!root.TryGetProperty("time"u8, out _))
            CloudEvents.WriteTime(writer, "time"u8, origin.Now);
        if (!hasTraceId)
        {
            writer.WriteString("traceid"u8, origin.TraceParent);
            writer.WriteString("traceparent"u8, origin.TraceParent);
        }

        if (!root.TryGetProperty("tracestate"u8, out _))
            writer.WriteString("tracestate"u8, origin.TraceState);
        if (origin.Expiration is { } expiration)
            CloudEvents.WriteTime(writer, "expiration"u8, expiration);
        writer.WriteEndObject();
        writer.Flush();
    }

    private static bool IsReplaced(JsonProperty property, bool hasTraceId, in EventOrigin origin) =>
        property.NameEquals("topic"u8)
        || property.NameEquals("pubsubname"u8)
        || (property.NameEquals("traceparent"u8) && !hasTraceId)
        || (property.NameEquals("expiration"u8) && origin.Expiration is not null)
        || (property.Value.ValueKind == JsonValueKind.Null && (property.NameEquals("source"u8) || property.NameEquals("type"u8) || property.NameEquals("specversion"u8)));

    private static bool IsMissing(JsonElement root, ReadOnlySpan<byte> name) => !root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null;
}
