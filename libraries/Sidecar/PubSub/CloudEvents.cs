using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>What a CloudEvent gets from its publish request.</summary>
/// <param name="Source">The app's id.</param>
/// <param name="TraceParent">W3C trace context.</param>
/// <param name="Expiration">When it is no longer to be delivered, or null.</param>
internal readonly record struct EventOrigin(string PubSub, string Topic, string Source, string TraceParent, string TraceState, DateTimeOffset Now, DateTimeOffset? Expiration);

/// <summary>What Dapr's CloudEvents have in common.</summary>
internal static class CloudEvents
{
    public const string JsonType = "application/cloudevents+json";
    public const string DefaultType = "com.dapr.event.sent";
    public const string DefaultSource = "Dapr";
    public const string DefaultContentType = "text/plain";
    public const string SpecVersion = "1.0";

    /// <summary>What Dapr gives a trace that does not exist.</summary>
    public const string NoTrace = "00-00000000000000000000000000000000-0000000000000000-00";

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static bool IsCloudEvent(string contentType) => Is(contentType, JsonType);

    public static bool IsJson(string contentType) => Is(contentType, "application/json");

    /// <summary>Content types whose data travels as base64.</summary>
    public static bool IsBinary(string contentType, ReadOnlySpan<byte> data) =>
        Is(contentType, "application/octet-stream")
        || Is(contentType, "application/cloudevents+protobuf")
        || (Is(contentType, "application/x-protobuf") && IsProtobuf(data));

    /// <summary>Dapr compares media types without case, up to the first semicolon.</summary>
    public static bool Is(string contentType, string mediaType)
    {
        var text = contentType.AsSpan();
        var parameters = text.IndexOf(';');
        return (parameters < 0 ? text : text[..parameters]).Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The envelope a subscriber without <c>rawPayload</c> handling gets around a raw value.</summary>
    public static byte[] Synthesize(ReadOnlySpan<byte> value, string pubsub, string topic, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(value.Length * 4 / 3 + 512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, Guid.NewGuid());
            writer.WriteString("specversion"u8, SpecVersion);
            writer.WriteString("source"u8, DefaultSource);
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

    public static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[32];
        time.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        writer.WriteString(name, text[..length]);
    }

    /// <summary>A writer of this thread: flush it before the thread does anything else.</summary>
    public static Utf8JsonWriter WriterTo(IBufferWriter<byte> output)
    {
        if (_writer is not { } writer)
            return _writer = new Utf8JsonWriter(output, WriterOptions);
        writer.Reset(output);
        return writer;
    }

    private static JsonWriterOptions WriterOptions => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static bool IsProtobuf(ReadOnlySpan<byte> data)
    {
        try
        {
            // All fields unknown: says whether the bytes are protobuf at all.
            Empty.Parser.ParseFrom(data);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
