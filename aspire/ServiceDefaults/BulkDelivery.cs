using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// Reads Dapr's bulk-subscribe request ("com.dapr.event.sent.bulk") of raw payloads without making an object
/// or a dictionary for each entry. Owns pooled buffers: dispose it when the entries are no longer used.
/// </summary>
public sealed class BulkDelivery : IDisposable
{
    // An entry with its headers takes some 400 bytes of JSON: most deliveries never grow the list.
    private const int BytesPerEntry = 300;

    private readonly List<DeliveredEvent> _events;
    private byte[] _body;
    private byte[] _payloads;
    private int _payloadLength;

    private BulkDelivery(byte[] body, int count)
    {
        _body = body;
        _events = new List<DeliveredEvent>(Math.Max(4, count / BytesPerEntry));
        _payloads = ArrayPool<byte>.Shared.Rent(Math.Max(16, body.Length));
    }

    public string Topic { get; private set; } = "";

    public IReadOnlyList<DeliveredEvent> Events => _events;

    /// <summary>Reads a request's body. Throws <see cref="JsonException"/> where it is not a bulk delivery of raw payloads.</summary>
    public static async Task<BulkDelivery> ReadAsync(Stream body, long? length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length ?? 64 * 1024, 1024, Extensions.MaxDeliveryBytes));
        var count = 0;
        while (true)
        {
            if (count == buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, count).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            var read = await body.ReadAsync(buffer.AsMemory(count), cancellationToken);
            if (read == 0)
                break;
            count += read;
        }

        var delivery = new BulkDelivery(buffer, count);
        try
        {
            delivery.Parse(count);
            return delivery;
        }
        catch
        {
            delivery.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _events.Clear();
        if (_body.Length > 0)
            ArrayPool<byte>.Shared.Return(_body);
        if (_payloads.Length > 0)
            ArrayPool<byte>.Shared.Return(_payloads);
        _body = _payloads = [];
    }

    private void Parse(int count)
    {
        var reader = new Utf8JsonReader(_body.AsSpan(0, count));
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("topic"u8))
            {
                reader.Read();
                Topic = reader.GetString() ?? "";
            }
            else if (reader.ValueTextEquals("entries"u8))
            {
                Expect(ref reader, JsonTokenType.StartArray);
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    _events.Add(ReadEntry(ref reader));
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private DeliveredEvent ReadEntry(ref Utf8JsonReader reader)
    {
        ReadOnlyMemory<byte> entryId = default, payload = default;
        var headers = new Headers();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("entryId"u8))
            {
                reader.Read();
                entryId = Text(ref reader);
            }
            else if (reader.ValueTextEquals("event"u8))
            {
                Expect(ref reader, JsonTokenType.String);
                payload = Base64Value(ref reader);
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    headers = ReadHeaders(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new DeliveredEvent
        {
            EntryId = entryId,
            Payload = payload,
            Id = headers.Id,
            Source = headers.Source,
            TraceParent = headers.TraceParent,
            Sequence = headers.Sequence,
            Partition = headers.Partition,
            Offset = headers.Offset,
            Timestamp = headers.Timestamp,
            Metadata = headers.All,
        };
    }

    private Headers ReadHeaders(ref Utf8JsonReader reader)
    {
        var headers = new Headers();
        var start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("ce_id"u8))
                headers.Id = NextText(ref reader);
            else if (reader.ValueTextEquals("ce_source"u8))
                headers.Source = NextText(ref reader);
            else if (reader.ValueTextEquals("traceparent"u8))
                headers.TraceParent = NextText(ref reader);
            else if (reader.ValueTextEquals("ce_sequence"u8))
                headers.Sequence = NextNumber(ref reader);
            else if (reader.ValueTextEquals("__partition"u8))
                headers.Partition = (int)NextNumber(ref reader);
            else if (reader.ValueTextEquals("__offset"u8))
                headers.Offset = NextNumber(ref reader);
            else if (reader.ValueTextEquals("__timestamp"u8))
                headers.Timestamp = NextNumber(ref reader);
            else
                reader.Read();
        }

        headers.All = _body.AsMemory(start, (int)reader.BytesConsumed - start);
        return headers;
    }

    private ReadOnlyMemory<byte> NextText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return Text(ref reader);
    }

    /// <summary>A string's bytes: the body's own where nothing in it is escaped.</summary>
    private ReadOnlyMemory<byte> Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return _body.AsMemory((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        var copy = new byte[reader.ValueSpan.Length];
        return copy.AsMemory(0, reader.CopyString(copy));
    }

    private static long NextNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && Utf8Parser.TryParse(reader.ValueSpan, out long value, out var used) && used == reader.ValueSpan.Length ? value : -1;
    }

    private ReadOnlyMemory<byte> Base64Value(ref Utf8JsonReader reader)
    {
        var text = Text(ref reader).Span;
        var destination = _payloads.AsSpan(_payloadLength);
        if (Base64.DecodeFromUtf8(text, destination, out _, out var written) != OperationStatus.Done)
            throw new JsonException($"bulk delivery of topic '{Topic}': an entry's event is not base64; expected a subscription with rawPayload");
        var value = _payloads.AsMemory(_payloadLength, written);
        _payloadLength += written;
        return value;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw new JsonException($"bulk delivery: found {reader.TokenType} at byte {reader.TokenStartIndex}; expected {type}");
    }

    private struct Headers()
    {
        public ReadOnlyMemory<byte> Id;
        public ReadOnlyMemory<byte> Source;
        public ReadOnlyMemory<byte> TraceParent;
        public ReadOnlyMemory<byte> All;
        public long Sequence = -1;
        public int Partition = -1;
        public long Offset = -1;
        public long Timestamp;
    }
}
