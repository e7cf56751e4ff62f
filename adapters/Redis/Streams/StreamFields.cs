using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>A message as daprd's component stores it: the field <c>data</c> and, where there is metadata, the field <c>metadata</c>, a JSON object of texts.</summary>
internal static class StreamFields
{
    private const string PartitionKey = "partitionKey";
    private const string MessageKey = "__key";

    private static readonly RedisValue Data = "data";
    private static readonly RedisValue Metadata = "metadata";

    // As Go's JSON: characters of all scripts as they are.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static NameValueEntry[] Write(in OutgoingMessage message)
    {
        var data = new NameValueEntry(Data, message.Value);
        if (message.Key is null && message.Headers.IsEmpty)
            return [data];
        var output = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(output, Json))
        {
            json.WriteStartObject();
            foreach (var header in message.Headers)
                json.WriteString(header.Name, header.Value);
            if (message.Key is not null)
                json.WriteString(PartitionKey, message.Key);
            json.WriteEndObject();
        }

        return [data, new NameValueEntry(Metadata, output.WrittenMemory)];
    }

    /// <summary>The message of an entry. Throws <see cref="JsonException"/> out of <paramref name="headers"/> only.</summary>
    public static DeliveredMessage Read(RedisValue id, ReadOnlyMemory<byte> data, string? key, MessageHeaders headers) =>
        new(StreamIds.ToOffset(id), StreamIds.Milliseconds(id), key, data, headers);

    /// <summary>Key and headers of the metadata field. Throws <see cref="JsonException"/> where it is not an object of texts.</summary>
    public static (string? Key, MessageHeaders Headers) ReadMetadata(ReadOnlyMemory<byte> metadata)
    {
        if (metadata.IsEmpty)
            return default;
        var output = new ArrayBufferWriter<byte>(metadata.Length + 16);
        string? key = null;
        var reader = new Utf8JsonReader(metadata.Span);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"found a JSON {reader.TokenType}; expected an object of texts");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                throw new JsonException($"{name}: found a JSON {reader.TokenType}; expected a text");
            var value = reader.GetString() ?? "";
            if (name is PartitionKey || (name is MessageKey && key is null))
                key = value;
            else if (Encoding.UTF8.GetByteCount(name) <= ushort.MaxValue)
                MessageHeaders.Append(output, name, value);
        }

        return (key, new MessageHeaders(output.WrittenMemory));
    }

    public static bool IsData(RedisValue name) => name == Data;

    public static bool IsMetadata(RedisValue name) => name == Metadata;
}
