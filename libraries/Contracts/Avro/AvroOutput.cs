using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Avro binary under construction. It goes to its destination as a whole or not at all: a write that fails sets
/// <see cref="Error"/> and returns false.
/// </summary>
internal ref struct AvroOutput(AvroLimits limits)
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _length;
    private int _depth = limits.MaxDepth;

    /// <summary>What is wrong, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>Where it is wrong; null for the whole value.</summary>
    public string? Path { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public bool Fail(string found, string expected)
    {
        Error = $"found {found}; expected {expected}";
        return false;
    }

    /// <summary>Names the part in which a write has failed, innermost first; returns false.</summary>
    public bool FailedAt(string part)
    {
        Path = Path is null ? part : Path[0] == '[' ? part + Path : $"{part}.{Path}";
        return false;
    }

    /// <summary>Goes into a value with parts. Objects that contain themselves end here.</summary>
    public bool TryEnter() => --_depth >= 0 || Fail("values nested too deep", $"at most {limits.MaxDepth} levels");

    public void Leave() => _depth++;

    public void WriteByte(byte value)
    {
        Ensure(1);
        _buffer[_length++] = value;
    }

    /// <summary>Zig-zag, seven bits a byte.</summary>
    public void WriteLong(long value)
    {
        Ensure(10);
        var bits = (ulong)(value << 1) ^ (ulong)(value >> 63);
        var buffer = _buffer;
        var at = _length;
        for (; bits >= 0x80; bits >>= 7)
            buffer[at++] = (byte)(bits | 0x80);

        buffer[at++] = (byte)bits;
        _length = at;
    }

    public void WriteFloat(float value)
    {
        Ensure(sizeof(float));
        BinaryPrimitives.WriteSingleLittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(float);
    }

    public void WriteDouble(double value)
    {
        Ensure(sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(double);
    }

    public void WriteFixed(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteLong(bytes.Length);
        WriteFixed(bytes);
    }

    public bool TryWriteText(string text)
    {
        WriteLong(Encoding.UTF8.GetByteCount(text));
        Ensure(text.Length * 3);
        if (Utf8.FromUtf16(text, _buffer.AsSpan(_length), out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
            return Fail("text with half of a surrogate pair", "valid Unicode");

        _length += written;
        return true;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Ensure(int more)
    {
        if (_buffer.Length - _length >= more)
            return;

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(_length + more)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
