using System.Text.Json;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>An entry of a stream that this process holds.</summary>
internal sealed record StreamMessage(string Id, DeliveredMessage Message)
{
    public static StreamMessage From(string topic, StreamEntry entry, ILogger logger)
    {
        ReadOnlyMemory<byte> data = default, metadata = default;
        foreach (var field in entry.Values)
        {
            if (StreamFields.IsData(field.Name))
                data = field.Value;
            else if (StreamFields.IsMetadata(field.Name))
                metadata = field.Value;
        }

        return From(topic, entry.Id, data, metadata, logger);
    }

    public static StreamMessage From(string topic, RedisValue id, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, ILogger logger)
    {
        var text = ((string?)id)!;
        try
        {
            var (key, headers) = StreamFields.ReadMetadata(metadata);
            return new StreamMessage(text, StreamFields.Read(id, data, key, headers));
        }
        catch (JsonException e)
        {
            Log.MetadataUnreadable(logger, e, topic, text);
            return new StreamMessage(text, StreamFields.Read(id, data, null, default));
        }
    }

    /// <summary>The entries of a reply to XREADGROUP on one stream.</summary>
    public static IEnumerable<StreamMessage> FromReply(string topic, RedisResult reply, ILogger logger)
    {
        if (reply.IsNull || reply.Length == 0)
            yield break;
        var entries = reply[0][1];
        for (var i = 0; i < entries.Length; i++)
        {
            var (id, fields) = ((RedisValue)entries[i][0], entries[i][1]);
            ReadOnlyMemory<byte> data = default, metadata = default;
            for (var f = 0; !fields.IsNull && f + 1 < fields.Length; f += 2)
            {
                var name = (RedisValue)fields[f];
                if (StreamFields.IsData(name))
                    data = (RedisValue)fields[f + 1];
                else if (StreamFields.IsMetadata(name))
                    metadata = (RedisValue)fields[f + 1];
            }

            yield return From(topic, id, data, metadata, logger);
        }
    }
}
