using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// Writes Dapr's bulk-subscribe request from messages: headers and values go from their UTF-8 blocks straight to JSON.
/// An entry's id is its place in the batch.
/// </summary>
internal static class BulkEnvelope
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonEncodedText Raw = JsonEncodedText.Encode("application/octet-stream");
    private static readonly JsonEncodedText CloudEvent = JsonEncodedText.Encode("application/cloudevents+json", JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
    private static readonly JsonEncodedText EntryId = JsonEncodedText.Encode("entryId");
    private static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
    private static readonly JsonEncodedText ContentType = JsonEncodedText.Encode("contentType");
    private static readonly JsonEncodedText MetadataName = JsonEncodedText.Encode("metadata");

    /// <summary>A size that mostly saves the buffer from growing, bytes.</summary>
    public static int EstimateBytes(DeliveryBatch batch)
    {
        var sample = batch.Messages[0];
        var entry = sample.Value.Length * 4 / 3 + sample.Headers.Block.Length * 5 / 4 + 256;
        return (int)Math.Min(256L * 1024 * 1024, 512 + (long)entry * batch.Messages.Count);
    }

    /// <summary>Writes the entries of a batch whose places are in <paramref name="selection"/>, or all where it is null.</summary>
    public static void Write(PooledBuffer output, string pubsub, DeliveryBatch batch, IReadOnlyList<int>? selection, bool isRaw, bool hasOffsets)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteString("id"u8, Guid.NewGuid());
        writer.WriteStartArray("entries"u8);
        var place = new Place(batch, hasOffsets);
        var count = selection?.Count ?? batch.Messages.Count;
        for (var i = 0; i < count; i++)
        {
            var index = selection?[i] ?? i;
            WriteEntry(writer, index, batch.Messages[index], isRaw, place);
        }

        writer.WriteEndArray();
        writer.WriteStartObject(MetadataName);
        writer.WriteEndObject();
        writer.WriteString("topic"u8, batch.Topic);
        writer.WriteString("pubsubname"u8, pubsub);
        writer.WriteString("type"u8, "com.dapr.event.sent.bulk"u8);
        writer.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter writer, int index, in DeliveredMessage message, bool isRaw, Place place)
    {
        writer.WriteStartObject();
        WriteNumberText(writer, EntryId, index);
        if (isRaw)
        {
            writer.WriteBase64String(Event, message.Value.Span);
        }
        else
        {
            writer.WritePropertyName(Event);
            writer.WriteRawValue(message.Value.Span, skipInputValidation: true);
        }

        writer.WriteStartObject(MetadataName);
        foreach (var header in message.Headers)
            writer.WriteString(header.Name, header.Value);
        place.Write(writer, message);
        writer.WriteEndObject();
        writer.WriteString(ContentType, isRaw ? Raw : CloudEvent);
        writer.WriteEndObject();
    }

    private static void WriteNumberText(Utf8JsonWriter writer, JsonEncodedText name, long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out var length);
        writer.WriteString(name, digits[..length]);
    }

    /// <summary>Where a message stands, in the words of daprd's Kafka component.</summary>
    private readonly struct Place(DeliveryBatch batch, bool hasOffsets)
    {
        private static readonly JsonEncodedText Topic = JsonEncodedText.Encode("__topic");
        private static readonly JsonEncodedText Key = JsonEncodedText.Encode("__key");
        private static readonly JsonEncodedText Partition = JsonEncodedText.Encode("__partition");
        private static readonly JsonEncodedText Offset = JsonEncodedText.Encode("__offset");
        private static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("__timestamp");

        private readonly JsonEncodedText _topic = JsonEncodedText.Encode(batch.Topic, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

        public void Write(Utf8JsonWriter writer, in DeliveredMessage message)
        {
            writer.WriteString(Topic, _topic);
            if (message.Key is not null)
                writer.WriteString(Key, message.Key);
            if (hasOffsets)
            {
                WriteNumberText(writer, Partition, batch.Partition);
                WriteNumberText(writer, Offset, message.Offset);
            }

            WriteNumberText(writer, Timestamp, message.Timestamp);
        }
    }
}
