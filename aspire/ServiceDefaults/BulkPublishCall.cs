using System.Buffers;
using System.Globalization;
using System.Text;
using Grpc.Core;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// Dapr's <c>BulkPublishRequest</c>, written to the wire straight from the events: the generated classes make a map and a
/// handful of objects for each event, which costs several times what the log takes to store it.
/// </summary>
internal sealed class BulkPublishCall(string pubsub, string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events)
{
    private const int MaxKeptHeaders = 8;

    private readonly byte[] _contentType = Encoding.UTF8.GetBytes(envelope.ContentType);
    private readonly Dictionary<IReadOnlyList<KeyValuePair<string, string>>, byte[]> _headers = new(ReferenceEqualityComparer.Instance);

    /// <summary>Writes the message into the call's own buffer, whose length must be told before.</summary>
    public void Write(SerializationContext context)
    {
        var common = new ArrayBufferWriter<byte>(512);
        WriteText(common, 1, pubsub);
        WriteText(common, 2, topic);
        foreach (var (name, value) in Common())
            WritePair(common, 4, name, value);
        var lengths = ArrayPool<int>.Shared.Rent(events.Count);
        try
        {
            long total = common.WrittenCount;
            for (var i = 0; i < events.Count; i++)
            {
                lengths[i] = EntryLength(i);
                total += 1 + Varint.Length(lengths[i]) + lengths[i];
            }

            var length = checked((int)total);
            context.SetPayloadLength(length);
            var buffer = context.GetBufferWriter();
            var message = buffer.GetSpan(length)[..length];
            common.WrittenSpan.CopyTo(message);
            var output = new WireSpan(message[common.WrittenCount..]);
            for (var i = 0; i < events.Count; i++)
            {
                output.Tag(3, lengths[i]);
                WriteEntry(ref output, i);
            }

            if (output.Left != 0)
                throw new InvalidOperationException($"bulk publish of {events.Count} events to '{topic}': {output.Left} bytes fewer than counted were written");
            buffer.Advance(length);
            context.Complete();
        }
        finally
        {
            ArrayPool<int>.Shared.Return(lengths);
        }
    }

    private IEnumerable<KeyValuePair<string, string>> Common()
    {
        yield return new("rawPayload", "true");
        yield return new("ce_specversion", "1.0");
        if (envelope.Source.Length > 0)
            yield return new("ce_source", envelope.Source);
        yield return new("ce_type", envelope.Type);
        yield return new("ce_time", envelope.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        yield return new("content-type", envelope.ContentType);
        if (envelope.TraceParent is not null)
            yield return new("traceparent", envelope.TraceParent);
        foreach (var header in envelope.Headers)
            yield return header;
    }

    private int EntryLength(int index)
    {
        var item = events[index];
        var length = Field(Digits(index)) + Field(item.Payload.Length) + Field(_contentType.Length)
            + Field(PairLength("partitionKey"u8.Length, Encoding.UTF8.GetByteCount(item.Key)))
            + Field(PairLength("ce_id"u8.Length, Encoding.UTF8.GetByteCount(item.Id)));
        if (item.Sequence >= 0)
            length += Field(PairLength("ce_sequence"u8.Length, Digits(item.Sequence)));
        return item.Headers is null ? length : length + HeadersOf(item.Headers).Length;
    }

    private void WriteEntry(ref WireSpan output, int index)
    {
        var item = events[index];
        output.Tag(1, Digits(index));
        output.Number(index);
        output.Tag(2, item.Payload.Length);
        output.Raw(item.Payload.Span);
        output.Tag(3, _contentType.Length);
        output.Raw(_contentType);
        Pair(ref output, "partitionKey"u8, item.Key);
        Pair(ref output, "ce_id"u8, item.Id);
        if (item.Sequence >= 0)
        {
            var digits = Digits(item.Sequence);
            output.Tag(4, PairLength("ce_sequence"u8.Length, digits));
            output.Tag(1, "ce_sequence"u8.Length);
            output.Raw("ce_sequence"u8);
            output.Tag(2, digits);
            output.Number(item.Sequence);
        }

        if (item.Headers is not null)
            output.Raw(HeadersOf(item.Headers));
    }

    private static void Pair(ref WireSpan output, ReadOnlySpan<byte> name, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        output.Tag(4, PairLength(name.Length, length));
        output.Tag(1, name.Length);
        output.Raw(name);
        output.Tag(2, length);
        output.Text(value, length);
    }

    /// <summary>Headers on the wire. Events of one batch share the list of theirs, so that it is encoded once.</summary>
    private byte[] HeadersOf(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (_headers.TryGetValue(headers, out var known))
            return known;
        var output = new ArrayBufferWriter<byte>(128);
        foreach (var (name, value) in headers)
            WritePair(output, 4, name, value);
        if (_headers.Count == MaxKeptHeaders)
            _headers.Clear();
        return _headers[headers] = output.WrittenSpan.ToArray();
    }

    private static void WriteText(ArrayBufferWriter<byte> output, int field, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var wire = new WireSpan(output.GetSpan(Field(length)));
        wire.Tag(field, length);
        wire.Text(text, length);
        output.Advance(Field(length));
    }

    private static void WritePair(ArrayBufferWriter<byte> output, int field, string name, string value)
    {
        var (nameLength, valueLength) = (Encoding.UTF8.GetByteCount(name), Encoding.UTF8.GetByteCount(value));
        var pair = PairLength(nameLength, valueLength);
        var wire = new WireSpan(output.GetSpan(Field(pair)));
        wire.Tag(field, pair);
        wire.Tag(1, nameLength);
        wire.Text(name, nameLength);
        wire.Tag(2, valueLength);
        wire.Text(value, valueLength);
        output.Advance(Field(pair));
    }

    /// <summary>Length of a field of so many bytes with its tag (all numbers are below 16) and length.</summary>
    private static int Field(int length) => 1 + Varint.Length(length) + length;

    private static int PairLength(int name, int value) => Field(name) + Field(value);

    private static int Digits(long value)
    {
        var digits = 1;
        for (var rest = value / 10; rest > 0; rest /= 10)
            digits++;
        return digits;
    }
}
