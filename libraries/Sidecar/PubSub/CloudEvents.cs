using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>What a CloudEvent gets from its publish request.</summary>
/// <param name="Source">The app's id.</param>
/// <param name="TraceParent">W3C trace context.</param>
/// <param name="Expiration">When it is no longer to be delivered, or null.</param>
internal sealed record EventOrigin(string PubSub, string Topic, string Source, string TraceParent, string TraceState, DateTimeOffset Now, DateTimeOffset? Expiration);

/// <summary>Writes Dapr's CloudEvents envelope in structured JSON.</summary>
internal static class CloudEvents
{
    public const string JsonType = "application/cloudevents+json";
    public const string DefaultType = "com.dapr.event.sent";

    /// <summary>What Dapr gives a trace that does not exist.</summary>
    public const string NoTrace = "00-00000000000000000000000000000000-0000000000000000-00";

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static bool IsCloudEvent(string contentType) => MediaTypeIs(contentType, JsonType);

    /// <summary>An envelope around plain data.</summary>
    public static byte[] Wrap(ReadOnlyMemory<byte> data, string contentType, IReadOnlyDictionary<string, string> metadata, EventOrigin origin)
    {
        var overrides = Overrides(metadata);
        var trace = overrides.GetValueOrDefault("traceparent") ?? overrides.GetValueOrDefault("traceid") ?? origin.TraceParent;
        var buffer = new ArrayBufferWriter<byte>(data.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, overrides.GetValueOrDefault("id") ?? Guid.NewGuid().ToString());
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("source"u8, overrides.GetValueOrDefault("source") ?? origin.Source);
            writer.WriteString("type"u8, overrides.GetValueOrDefault("type") ?? DefaultType);
            if (overrides.TryGetValue("subject", out var subject))
                writer.WriteString("subject"u8, subject);
            writer.WriteString("time"u8, Rfc3339(origin.Now));
            writer.WriteString("topic"u8, origin.Topic);
            writer.WriteString("pubsubname"u8, origin.PubSub);
            writer.WriteString("traceid"u8, trace);
            writer.WriteString("traceparent"u8, trace);
            writer.WriteString("tracestate"u8, overrides.GetValueOrDefault("tracestate") ?? origin.TraceState);
            if (origin.Expiration is { } expiration)
                writer.WriteString("expiration"u8, Rfc3339(expiration));
            writer.WriteString("datacontenttype"u8, contentType.Length == 0 ? "text/plain" : contentType);
            WriteData(writer, data.Span, contentType);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory.ToArray();
    }

    /// <summary>The publisher's own CloudEvent with topic and component set and what is missing filled in; null with a cause where it is no JSON object.</summary>
    public static byte[]? PassThrough(ReadOnlyMemory<byte> data, EventOrigin origin, out string cause)
    {
        cause = "";
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(data);
        }
        catch (JsonException exception)
        {
            cause = exception.Message;
            return null;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                cause = $"found a JSON {document.RootElement.ValueKind}; expected a CloudEvent object";
                return null;
            }

            return Complete(document.RootElement, data.Length, origin);
        }
    }

    /// <summary>The envelope a subscriber without <c>rawPayload</c> handling gets around a raw value.</summary>
    public static byte[] Synthesize(ReadOnlySpan<byte> value, string pubsub, string topic, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(value.Length * 4 / 3 + 512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, Guid.NewGuid().ToString());
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("source"u8, "Dapr"u8);
            writer.WriteString("type"u8, DefaultType);
            writer.WriteString("time"u8, Rfc3339(now));
            writer.WriteString("topic"u8, topic);
            writer.WriteString("pubsubname"u8, pubsub);
            writer.WriteString("datacontenttype"u8, "application/octet-stream"u8);
            writer.WriteBase64String("data_base64"u8, value);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory.ToArray();
    }

    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static byte[] Complete(JsonElement root, int length, EventOrigin origin)
    {
        var buffer = new ArrayBufferWriter<byte>(length + 256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var property in root.EnumerateObject())
            {
                if (property.NameEquals("topic"u8) || property.NameEquals("pubsubname"u8) || property.NameEquals("expiration"u8) && origin.Expiration is not null)
                    continue;
                property.WriteTo(writer);
            }

            writer.WriteString("topic"u8, origin.Topic);
            writer.WriteString("pubsubname"u8, origin.PubSub);
            Fill("id", Guid.NewGuid().ToString());
            Fill("source", origin.Source);
            Fill("type", DefaultType);
            Fill("specversion", "1.0");
            Fill("time", Rfc3339(origin.Now));
            Fill("traceid", origin.TraceParent);
            Fill("traceparent", origin.TraceParent);
            Fill("tracestate", origin.TraceState);
            if (origin.Expiration is { } expiration)
                writer.WriteString("expiration"u8, Rfc3339(expiration));
            writer.WriteEndObject();

            void Fill(string name, string value)
            {
                if (!root.TryGetProperty(name, out _))
                    writer.WriteString(name, value);
            }
        }

        return buffer.WrittenMemory.ToArray();
    }

    private static void WriteData(Utf8JsonWriter writer, ReadOnlySpan<byte> data, string contentType)
    {
        if (IsBinary(contentType))
        {
            writer.WriteBase64String("data_base64"u8, data);
            return;
        }

        writer.WritePropertyName("data"u8);
        if (MediaTypeIs(contentType, "application/json") && IsJson(data))
            // As it stands: parsing it would cost numbers their precision.
            writer.WriteRawValue(data, skipInputValidation: true);
        else
            writer.WriteStringValue(Encoding.UTF8.GetString(data));
    }

    private static bool IsJson(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            var any = false;
            while (reader.Read())
                any = true;
            return any;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsBinary(string contentType) =>
        MediaTypeIs(contentType, "application/octet-stream") || MediaTypeIs(contentType, "application/cloudevents+protobuf");

    private static bool MediaTypeIs(string contentType, string mediaType)
    {
        var text = contentType.AsSpan();
        var parameters = text.IndexOf(';');
        return (parameters < 0 ? text : text[..parameters]).Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }

    private static Dictionary<string, string> Overrides(IReadOnlyDictionary<string, string> metadata)
    {
        const string Prefix = "cloudevent.";
        var result = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in metadata)
        {
            if (value.Length > 0 && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                result[name[Prefix.Length..]] = value;
        }

        return result;
    }
}
