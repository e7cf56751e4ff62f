using System.Buffers.Text;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// Writes Dapr's bulk-subscribe request from messages: headers and values go from their UTF-8 blocks straight to JSON.
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

    public static void Write(PooledBuffer output, BulkRequest request)
    {
        var topic = Encoding.UTF8.GetBytes(request.Definition.Topic);
        var name = Encoding.UTF8.GetBytes(request.Definition.PubSub);
        var isRaw = request.Definition.IsRaw;
        var hasOffsets = request.Component.Broker.Capabilities.Offsets;
        var json = new JsonBytes(output.GetSpan(64));
        json.Raw("""{"entries":["""u8);
        output.Advance(json.Length);
        for (var i = 0; i < request.Count; i++)
            WriteEntry(output, request, request.Place(i), topic, first: i == 0, isRaw, hasOffsets);

        json = new JsonBytes(output.GetSpan(256 + JsonBytes.MaxGrowth * (topic.Length + 2 * name.Length)));
        json.Raw("""],"id":"""u8);
        json.String(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString()));
        json.Raw(""","metadata":{"pubsubName":"""u8);
        json.String(name);
        json.Raw("""},"topic":"""u8);
        json.String(topic);
        json.Raw(""","pubsubname":"""u8);
        json.String(name);
        json.Raw(""","type":"com.dapr.event.sent.bulk"}"""u8);
        output.Advance(json.Length);
    }

    private static void WriteEntry(PooledBuffer output, BulkRequest request, int place, ReadOnlySpan<byte> topic, bool first, bool isRaw, bool hasOffsets)
    {
        var message = request.Batch.Messages[place];
        // An event in binary mode has its attributes in headers: it is written as the structured one it stands for.
        var value = isRaw || !BinaryEnvelope.IsBinary(message.Headers) ? message.Value.Span : BinaryEnvelope.Write(message);
        var valueLength = isRaw ? Base64.GetMaxEncodedToUtf8Length(value.Length) : value.Length;
        var textLength = message.Headers.Block.Length + topic.Length + 3 * (message.Key?.Length ?? 0);
        var json = new JsonBytes(output.GetSpan(checked(EntryOverhead + valueLength + JsonBytes.MaxGrowth * textLength)));
        json.Raw(first ? """{"entryId":"""u8 : """,{"entryId":"""u8);
        json.EntryId(request.Ids, place);
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

        if (hasOffsets)
            WritePlace(ref json, request.Batch.Partition, message, topic);
        else
            json.TrimComma();
        json.Raw(isRaw ? """},"contentType":"application/octet-stream"}"""u8 : """},"contentType":"application/cloudevents+json"}"""u8);
        output.Advance(json.Length);
    }

    /// <summary>Where a message stands, in the words of daprd's Kafka component.</summary>
    private static void WritePlace(ref JsonBytes json, int partition, in DeliveredMessage message, ReadOnlySpan<byte> topic)
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

        json.Raw(",\"__partition\":"u8);
        json.NumberText(partition);
        json.Raw(",\"__offset\":"u8);
        json.NumberText(message.Offset);
        json.Raw(",\"__timestamp\":"u8);
        json.NumberText(message.Timestamp);
    }
}
