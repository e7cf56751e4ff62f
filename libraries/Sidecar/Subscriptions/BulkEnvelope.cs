using System.Buffers.Text;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// Writes Dapr's bulk-subscribe request from messages: headers and values go from their UTF-8 blocks straight to JSON.
/// An entry's id is its place in the batch.
/// </summary>
internal static class BulkEnvelope
{
    /// <summary>Room for all of an entry but value, headers, topic and key, bytes.</summary>
    private const int EntryOverhead = 384;

    /// <summary>A size that mostly saves the buffer from growing, bytes.</summary>
    public static int EstimateBytes(DeliveryBatch batch)
    {
        var sample = batch.Messages[0];
        var entry = sample.Value.Length * 4 / 3 + sample.Headers.Block.Length * 5 / 4 + 256;
        return (int)Math.Min(256L * 1024 * 1024, 16 * 1024 + (long)entry * batch.Messages.Count);
    }

    /// <summary>Writes the entries of a batch whose places are in <paramref name="selection"/>, or all where it is null.</summary>
    public static void Write(PooledBuffer output, string pubsub, DeliveryBatch batch, IReadOnlyList<int>? selection, bool isRaw, bool hasOffsets)
    {
        var topic = Encoding.UTF8.GetBytes(batch.Topic);
        var name = Encoding.UTF8.GetBytes(pubsub);
        var json = new JsonBytes(output.GetSpan(64));
        json.Raw("""{"entries":["""u8);
        output.Advance(json.Length);
        var count = selection?.Count ?? batch.Messages.Count;
        for (var i = 0; i < count; i++)
        {
            var index = selection?[i] ?? i;
            WriteEntry(output, batch, index, topic, first: i == 0, isRaw, hasOffsets);
        }

        json = new JsonBytes(output.GetSpan(256 + JsonBytes.MaxGrowth * (topic.Length + name.Length)));
        json.Raw("""],"id":"""u8);
        json.String(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString()));
        json.Raw(""","metadata":{},"topic":"""u8);
        json.String(topic);
        json.Raw(""","pubsubname":"""u8);
        json.String(name);
        json.Raw(""","type":"com.dapr.event.sent.bulk"}"""u8);
        output.Advance(json.Length);
    }

    private static void WriteEntry(PooledBuffer output, DeliveryBatch batch, int index, ReadOnlySpan<byte> topic, bool first, bool isRaw, bool hasOffsets)
    {
        var message = batch.Messages[index];
        var value = message.Value.Span;
        var valueLength = isRaw ? Base64.GetMaxEncodedToUtf8Length(value.Length) : value.Length;
        var textLength = message.Headers.Block.Length + topic.Length + 3 * (message.Key?.Length ?? 0);
        var json = new JsonBytes(output.GetSpan(checked(EntryOverhead + valueLength + JsonBytes.MaxGrowth * textLength)));
        json.Raw(first ? """{"entryId":"""u8 : """,{"entryId":"""u8);
        json.NumberText(index);
        json.Raw(""","event":"""u8);
        if (isRaw)
            json.Base64Text(value);
        else
            json.Raw(value);
        json.Raw(""","metadata":{"""u8);
        foreach (var header in message.Headers)
        {
            json.String(header.Name);
            json.Raw(":"u8);
            json.String(header.Value);
            json.Raw(","u8);
        }

        WritePlace(ref json, batch.Partition, message, topic, hasOffsets);
        json.Raw(isRaw ? """},"contentType":"application/octet-stream"}"""u8 : """},"contentType":"application/cloudevents+json"}"""u8);
        output.Advance(json.Length);
    }

    /// <summary>Where a message stands, in the words of daprd's Kafka component.</summary>
    private static void WritePlace(ref JsonBytes json, int partition, in DeliveredMessage message, ReadOnlySpan<byte> topic, bool hasOffsets)
    {
        const int KeyOnStack = 256;
        json.Raw("\"__topic\":"u8);
        json.String(topic);
        if (message.Key is { } key)
        {
            var length = Encoding.UTF8.GetMaxByteCount(key.Length);
            Span<byte> bytes = length <= KeyOnStack ? stackalloc byte[KeyOnStack] : new byte[length];
            json.Raw(",\"__key\":"u8);
            json.String(bytes[..Encoding.UTF8.GetBytes(key, bytes)]);
        }

        if (hasOffsets)
        {
            json.Raw(",\"__partition\":"u8);
            json.NumberText(partition);
            json.Raw(",\"__offset\":"u8);
            json.NumberText(message.Offset);
        }

        json.Raw(",\"__timestamp\":"u8);
        json.NumberText(message.Timestamp);
    }
}
