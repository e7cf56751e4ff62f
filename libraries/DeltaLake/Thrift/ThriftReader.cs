namespace RealTimeMesh.DeltaLake.Thrift;

/// <summary>Reads Thrift's compact protocol. Bytes that end too early or nest too deep are a <see cref="ThriftException"/>.</summary>
internal ref struct ThriftReader(ReadOnlySpan<byte> data)
{
    private const int DeepestNesting = 64;

    private readonly ReadOnlySpan<byte> _data = data;

    public int Position { get; private set; }

    /// <summary>The next field's id and type; false at the end of the struct.</summary>
    public bool ReadField(ref short id, out ThriftType type)
    {
        var header = ReadByte();
        type = (ThriftType)(header & 0xF);
        if (type == ThriftType.Stop)
            return false;
        var delta = header >> 4;
        id = delta == 0 ? ReadId() : (short)(id + delta);
        return true;
    }

    /// <summary>A zigzag varint.</summary>
    public long ReadInteger()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public (ThriftType Type, int Count) ReadListHeader()
    {
        var header = ReadByte();
        var count = header >> 4;
        return ((ThriftType)(header & 0xF), count == 15 ? ReadCount() : count);
    }

    /// <summary>Passes over a value that is not a boolean field.</summary>
    public void Skip(ThriftType type, int depth)
    {
        if (depth > DeepestNesting)
            throw new ThriftException("structs are nested too deep");
        switch (type)
        {
            // Only elements of collections come here: they take a byte.
            case ThriftType.True or ThriftType.False or ThriftType.Byte:
                Advance(1);
                break;
            case ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64:
                ReadVarint();
                break;
            case ThriftType.Double:
                Advance(8);
                break;
            case ThriftType.Uuid:
                Advance(16);
                break;
            case ThriftType.Binary:
                Advance(ReadCount());
                break;
            case ThriftType.List or ThriftType.Set:
                var (element, count) = ReadListHeader();
                for (var i = 0; i < count; i++)
                    Skip(element, depth + 1);
                break;
            case ThriftType.Map:
                SkipMap(depth);
                break;
            case ThriftType.Struct:
                short id = 0;
                while (ReadField(ref id, out var field))
                {
                    if (field > ThriftType.False)
                        Skip(field, depth + 1);
                }

                break;
            default:
                throw new ThriftException($"type {type} is unknown");
        }
    }

    private void SkipMap(int depth)
    {
        var count = ReadCount();
        if (count == 0)
            return;
        var types = ReadByte();
        for (var i = 0; i < count; i++)
        {
            Skip((ThriftType)(types >> 4), depth + 1);
            Skip((ThriftType)(types & 0xF), depth + 1);
        }
    }

    private short ReadId() => ReadInteger() is >= 0 and <= short.MaxValue and var id ? (short)id : throw new ThriftException("a field's number is out of range");

    private int ReadCount() => ReadVarint() is <= int.MaxValue and var count ? (int)count : throw new ThriftException("a length is too large");

    private ulong ReadVarint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return result;
        }

        throw new ThriftException("a number is too long");
    }

    private byte ReadByte()
    {
        if (Position >= _data.Length)
            throw new ThriftException("the bytes end too early");
        return _data[Position++];
    }

    private void Advance(int count)
    {
        if (count > _data.Length - Position)
            throw new ThriftException("the bytes end too early");
        Position += count;
    }
}
