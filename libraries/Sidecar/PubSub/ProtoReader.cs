namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>A length-delimited field: its place in the message's buffer.</summary>
internal readonly record struct FieldSlice(int Offset, int Length)
{
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> buffer) => buffer.Slice(Offset, Length);
}

/// <summary>Walks the fields of a protobuf message in place, so that a bulk request becomes messages without an object for each entry.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> buffer, FieldSlice message)
{
    private readonly ReadOnlySpan<byte> _buffer = buffer;
    private readonly int _end = message.Offset + message.Length;
    private int _position = message.Offset;

    /// <summary>Reads the next field that is length-delimited; others are skipped.</summary>
    public bool Next(out int number, out FieldSlice value)
    {
        while (_position < _end)
        {
            var tag = Varint();
            number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 2:
                    var length = Varint();
                    if (length > (ulong)(_end - _position))
                        throw Malformed();
                    value = new FieldSlice(_position, (int)length);
                    _position += (int)length;
                    return true;
                case 0:
                    Varint();
                    break;
                case 1:
                    Skip(8);
                    break;
                case 5:
                    Skip(4);
                    break;
                default:
                    throw Malformed();
            }
        }

        number = 0;
        value = default;
        return false;
    }

    private void Skip(int count)
    {
        if (count > _end - _position)
            throw Malformed();
        _position += count;
    }

    private ulong Varint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= _end)
                throw Malformed();
            var next = _buffer[_position++];
            result |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return result;
        }

        throw Malformed();
    }

    private readonly InvalidDataException Malformed() =>
        new($"bulk publish request: broken protobuf at byte {_position}; expected a dapr.proto.runtime.v1.BulkPublishRequest");
}
