using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>The CloudEvent around a value that is none: new at each delivery, its data always in base64.</summary>
internal static class RawEnvelope
{
    private const string Source = "Dapr";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Write(in DeliveredMessage message, SubscriptionDefinition definition)
    {
        var buffer = new ArrayBufferWriter<byte>(message.Value.Length * 4 / 3 + 512);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, Guid.NewGuid().ToString());
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("source"u8, Source);
            writer.WriteString("type"u8, CloudEvents.DefaultType);
            writer.WriteString("topic"u8, definition.Topic);
            writer.WriteString("pubsubname"u8, definition.PubSub);
            writer.WriteString("datacontenttype"u8, "application/octet-stream"u8);
            WriteTrace(writer, message.Headers);
            writer.WriteBase64String("data_base64"u8, message.Value.Span);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory.ToArray();
    }

    /// <summary>A raw value has its trace beside it.</summary>
    private static void WriteTrace(Utf8JsonWriter writer, MessageHeaders headers)
    {
        var parent = headers.Find("traceparent");
        if ((parent ?? headers.Find("traceid")) is { } id)
            writer.WriteString("traceid"u8, id);
        if (parent is not null)
            writer.WriteString("traceparent"u8, parent);
        if (headers.Find("tracestate") is { } state)
            writer.WriteString("tracestate"u8, state);
    }
}
