using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>The names of publish metadata that mean something to the sidecar.</summary>
internal static class PublishMetadata
{
    public const string RawPayload = "rawPayload";
    public const string PartitionKey = "partitionKey";
    public const string Key = "__key";
    public const string TraceParent = "traceparent";

    /// <summary>True where the value is published as it stands, without a CloudEvent around it.</summary>
    public static bool IsRaw(string pubsub, Dictionary<string, string>? metadata)
    {
        if (metadata is null || !metadata.TryGetValue(RawPayload, out var text) || text.Length == 0)
            return false;
        return ParseBoolean(text) ?? throw new ApiException(PubSubErrors.RawPayloadNotBoolean(pubsub, text, metadata));
    }

    /// <summary>A message with the key and the headers its metadata asks for.</summary>
    public static OutgoingMessage Message(ReadOnlyMemory<byte> value, Dictionary<string, string>? metadata) =>
        metadata is null or { Count: 0 }
            ? new OutgoingMessage(null, value, MessageHeaders.Empty)
            : new OutgoingMessage(KeyOf(metadata), value, MessageHeaders.From(metadata.Where(pair => !IsKey(pair.Key))));

    /// <summary>The message key, or null.</summary>
    public static string? KeyOf(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(PartitionKey, out var key) || metadata.TryGetValue(Key, out key) ? key : null;

    public static bool IsKey(string name) => name is PartitionKey or Key;

    /// <summary>Dapr reads booleans as Go does.</summary>
    public static bool? ParseBoolean(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };
}
