using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Carries headers between our block and the client's objects, leaving out what the component excludes.</summary>
internal sealed class KafkaHeaders(Regex? excluded, bool escape)
{
    private const int MaxCachedNames = 1024;

    /// <summary>Names repeat from message to message; the verdict on them is found once.</summary>
    private readonly ConcurrentDictionary<string, bool> _excluded = new(StringComparer.Ordinal);

    /// <summary>Headers of a message to send, and what they ask of the producer.</summary>
    public Headers? ToKafka(MessageHeaders headers, ref string? partition, ref string? valueSchema)
    {
        if (headers.IsEmpty)
            return null;
        var result = new Headers();
        foreach (var header in headers)
        {
            var name = Names.Get(header.Name);
            if (name == MessageSettings.PartitionNumber)
                partition = Encoding.UTF8.GetString(header.Value);
            else if (name.Equals(MessageSettings.ValueSchemaType, StringComparison.OrdinalIgnoreCase))
                valueSchema = Encoding.UTF8.GetString(header.Value);
            if (!IsExcluded(name))
                result.Add(name, header.Value.ToArray());
        }

        return result;
    }

    /// <summary>Headers of a message that was consumed.</summary>
    public MessageHeaders FromKafka(Headers? headers)
    {
        if (headers is null || headers.Count == 0)
            return MessageHeaders.Empty;
        var output = new ArrayBufferWriter<byte>(64 * headers.Count);
        for (var i = 0; i < headers.Count; i++)
        {
            var header = headers[i];
            if (!IsExcluded(header.Key))
                Append(output, header.Key, escape ? Escape(header.GetValueBytes()) : header.GetValueBytes());
        }

        return new MessageHeaders(output.WrittenMemory);
    }

    /// <summary>The key as it is delivered.</summary>
    public string? KeyFrom(byte[]? key)
    {
        if (key is null)
            return null;
        var text = Encoding.UTF8.GetString(key);
        return escape ? WebUtility.UrlEncode(text) : text;
    }

    private static byte[] Escape(byte[]? value) =>
        value is null ? [] : Encoding.UTF8.GetBytes(WebUtility.UrlEncode(Encoding.UTF8.GetString(value)));

    private static void Append(ArrayBufferWriter<byte> output, string name, byte[]? value)
    {
        var length = Encoding.UTF8.GetByteCount(name);
        // Our block holds names of two length bytes; Kafka's longer ones can be no header of a request anyway.
        if (length > ushort.MaxValue)
            return;
        var bytes = value?.Length ?? 0;
        var span = output.GetSpan(6 + length + bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)length);
        Encoding.UTF8.GetBytes(name, span[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(span[(2 + length)..], bytes);
        value.CopyTo(span[(6 + length)..]);
        output.Advance(6 + length + bytes);
    }

    private bool IsExcluded(string name)
    {
        if (excluded is null)
            return false;
        if (_excluded.TryGetValue(name, out var known))
            return known;
        var verdict = excluded.IsMatch(name);
        if (_excluded.Count < MaxCachedNames)
            _excluded[name] = verdict;
        return verdict;
    }

    /// <summary>A small table of texts by their bytes.</summary>
    private static class Names
    {
        private static readonly string?[] Slots = new string?[512];

        public static string Get(ReadOnlySpan<byte> utf8)
        {
            if (utf8.Length > 64)
                return Encoding.UTF8.GetString(utf8);
            ref var slot = ref Slots[(Murmur2.Hash(utf8) & 0x7fffffff) % Slots.Length];
            Span<char> text = stackalloc char[64];
            var length = Encoding.UTF8.GetChars(utf8, text);
            var known = Volatile.Read(ref slot);
            if (known is not null && text[..length].SequenceEqual(known))
                return known;
            return slot = text[..length].ToString();
        }
    }
}

/// <summary>Names of metadata that mean something to this component.</summary>
internal static class MessageSettings
{
    public const string PartitionNumber = "partitionNumber";
    public const string ValueSchemaType = "valueSchemaType";

    /// <summary>Whether values are converted: <c>valueSchemaType</c> is Avro. Another value than Avro and None is a fault.</summary>
    public static bool IsAvro(string? valueSchemaType)
    {
        if (valueSchemaType is null || valueSchemaType.Equals("none", StringComparison.OrdinalIgnoreCase))
            return false;
        return valueSchemaType.Equals("avro", StringComparison.OrdinalIgnoreCase)
            ? true
            : throw new BrokerException($"error parsing schema type. '{valueSchemaType}' is not a supported value");
    }
}
