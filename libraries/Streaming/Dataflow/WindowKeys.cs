using System.Buffers.Binary;

namespace RealTimeMesh.Streaming;

/// <summary>A set of (end of a window, key): results that are to be given anew.</summary>
internal sealed class WindowKeys
{
    private readonly KeyTable _table = new();
    private byte[] _buffer = new byte[128];

    public int Count => _table.Count;

    public int SlotEnd => _table.SlotEnd;

    public void Add(long end, ReadOnlySpan<byte> key)
    {
        if (_buffer.Length < key.Length + 8)
            _buffer = new byte[(key.Length + 8) * 2];
        var place = _buffer.AsSpan(0, key.Length + 8);
        BinaryPrimitives.WriteInt64LittleEndian(place, end);
        key.CopyTo(place[8..]);
        _table.FindOrAdd(place, KeyHash.Of(place), out _);
    }

    public long EndOf(int slot) => BinaryPrimitives.ReadInt64LittleEndian(_table.KeyOf(slot));

    public ReadOnlySpan<byte> KeyOf(int slot) => _table.KeyOf(slot)[8..];

    public void Clear() => _table.Clear();
}
