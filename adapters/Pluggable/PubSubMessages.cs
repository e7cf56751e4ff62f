using System.Text;
using Google.Protobuf;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable;

/// <summary>Our words for messages, and the wire's.</summary>
internal static class PubSubMessages
{
    private const string KeyMetadata = "partitionKey";
    private const string OtherKeyMetadata = "__key";
    private const string ContentTypeMetadata = "content-type";

    public static PublishRequest Publish(string pubsub, string topic, OutgoingMessage message)
    {
        var request = new PublishRequest { Data = UnsafeByteOperations.UnsafeWrap(message.Value), PubsubName = pubsub, Topic = topic };
        CopyMetadata(message, request.Metadata);
        request.ContentType = request.Metadata.TryGetValue(ContentTypeMetadata, out var type) ? type : "";
        return request;
    }

    public static BulkMessageEntry Entry(string id, OutgoingMessage message)
    {
        var entry = new BulkMessageEntry { EntryId = id, Event = UnsafeByteOperations.UnsafeWrap(message.Value) };
        CopyMetadata(message, entry.Metadata);
        entry.ContentType = entry.Metadata.TryGetValue(ContentTypeMetadata, out var type) ? type : "";
        return entry;
    }

    public static DeliveredMessage Delivered(PullMessagesResponse message, long number, long milliseconds)
    {
        var headers = message.Metadata.AsEnumerable();
        if (message.ContentType.Length > 0 && !message.Metadata.ContainsKey(ContentTypeMetadata))
            headers = headers.Append(new(ContentTypeMetadata, message.ContentType));
        var key = message.Metadata.TryGetValue(KeyMetadata, out var found) || message.Metadata.TryGetValue(OtherKeyMetadata, out found) ? found : null;
        return new DeliveredMessage(number, milliseconds, key, message.Data.Memory, MessageHeaders.From(headers));
    }

    private static void CopyMetadata(OutgoingMessage message, Google.Protobuf.Collections.MapField<string, string> metadata)
    {
        foreach (var header in message.Headers)
            metadata[Encoding.UTF8.GetString(header.Name)] = Encoding.UTF8.GetString(header.Value);
        if (message.Key is { } key)
            metadata[KeyMetadata] = key;
    }
}
