using System.Buffers.Binary;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>
/// Turns a raw bulk request into messages: the request's metadata is encoded once and copied in front of each
/// entry's own, straight from the wire. An entry's value wins over the request's of the same name.
/// </summary>
internal sealed class RawBulkEncoder
{
    private const int MaxPairs = 256;

    private readonly BulkPublishFrame _frame;
    private readonly PageAllocator _pages = new();
    private readonly byte[][] _commonNames;
    private readonly byte[] _common;
    private readonly string? _commonKey;
    private byte[] _previousKeyBytes = [];
    private string? _previousKey;

    public RawBulkEncoder(BulkPublishFrame frame, IReadOnlyDictionary<string, string> common)
    {
        _frame = frame;
        _commonKey = PublishMetadata.KeyOf(common);
        var headers = common.Where(pair => !PublishMetadata.IsKey(pair.Key)).ToArray();
        _commonNames = [.. headers.Select(pair => Encoding.UTF8.GetBytes(pair.Key))];
        _common = MessageHeaders.From(headers).Block.ToArray();
    }

    public OutgoingMessage[] Encode()
    {
        var messages = new OutgoingMessage[_frame.Entries.Count];
        Span<FieldSlice> pairs = stackalloc FieldSlice[MaxPairs];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = EncodeEntry(i, pairs);
        return messages;
    }

    private OutgoingMessage EncodeEntry(int index, Span<FieldSlice> pairs)
    {
        var buffer = _frame.Buffer;
        var reader = new ProtoReader(buffer, _frame.Entries[index]);
        FieldSlice value = default;
        var key = _commonKey;
        int count = 0, length = 0;
        var overlaps = false;
        while (reader.Next(out var number, out var field))
        {
            if (number == 2)
            {
                value = field;
            }
            else if (number == 4)
            {
                var (name, text) = _frame.Pair(field);
                var nameBytes = name.In(buffer);
                if (nameBytes.SequenceEqual("partitionKey"u8) || nameBytes.SequenceEqual("__key"u8))
                {
                    key = KeyText(text.In(buffer));
                    continue;
                }

                if (2 * (count + 1) > pairs.Length)
                    throw new InvalidDataException($"bulk publish request: entry {index} has more than {MaxPairs / 2 - 1} metadata pairs; expected fewer: put large data in the event");
                if (name.Length > ushort.MaxValue)
                    throw new InvalidDataException($"bulk publish request: entry {index} has a metadata name of {name.Length} bytes; expected at most {ushort.MaxValue}");
                pairs[2 * count] = name;
                pairs[2 * count + 1] = text;
                count++;
                length += 6 + name.Length + text.Length;
                overlaps |= IsCommon(nameBytes);
            }
        }

        var headers = overlaps ? Merge(index) : Append(pairs[..(2 * count)], length);
        return new OutgoingMessage(key, _pages.Copy(value.In(buffer)), headers);
    }

    private MessageHeaders Append(ReadOnlySpan<FieldSlice> pairs, int length)
    {
        // Entries without metadata of their own share one block.
        if (pairs.IsEmpty)
            return new MessageHeaders(_common);
        var buffer = _frame.Buffer;
        var block = _pages.Take(_common.Length + length);
        var output = block.Span;
        _common.CopyTo(output);
        output = output[_common.Length..];
        for (var i = 0; i < pairs.Length; i += 2)
        {
            var name = pairs[i].In(buffer);
            var text = pairs[i + 1].In(buffer);
            BinaryPrimitives.WriteUInt16LittleEndian(output, (ushort)name.Length);
            name.CopyTo(output[2..]);
            BinaryPrimitives.WriteInt32LittleEndian(output[(2 + name.Length)..], text.Length);
            text.CopyTo(output[(6 + name.Length)..]);
            output = output[(6 + name.Length + text.Length)..];
        }

        return new MessageHeaders(block);
    }

    private MessageHeaders Merge(int index) =>
        MessageHeaders.From(_frame.MergedMetadata(index).Where(pair => !PublishMetadata.IsKey(pair.Key)));

    private bool IsCommon(ReadOnlySpan<byte> name)
    {
        foreach (var common in _commonNames)
        {
            if (name.SequenceEqual(common))
                return true;
        }

        return false;
    }

    /// <summary>Neighbours often share a key: its text is made once.</summary>
    private string KeyText(ReadOnlySpan<byte> bytes)
    {
        if (_previousKey is not null && bytes.SequenceEqual(_previousKeyBytes))
            return _previousKey;
        _previousKeyBytes = bytes.ToArray();
        return _previousKey = Encoding.UTF8.GetString(bytes);
    }
}
