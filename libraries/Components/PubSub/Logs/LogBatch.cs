using System.Buffers;
using System.Text;

namespace RealTimeMesh.Components;

/// <summary>
/// Messages read from a log, in rented memory: valid until <see cref="Reset"/>. Used again for the next batch of the
/// same partition, so that a warm reader allocates almost nothing. Not thread-safe.
/// </summary>
public sealed class LogBatch(int maxCount, int maxBytes)
{
    private const int ChunkBytes = 128 * 1024;
    private const int CachedKeys = 512;

    private readonly List<byte[]> _chunks = [];
    private readonly List<DeliveredMessage> _messages = [];
    private string?[]? _keys;
    private int _used;
    private int _bytes;

    public IReadOnlyList<DeliveredMessage> Messages => _messages;

    public int Count => _messages.Count;

    /// <summary>Bytes of values that still fit.</summary>
    public int FreeBytes => Math.Max(0, maxBytes - _bytes);

    /// <summary>No more messages fit, or the next one did not.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether a message with a value of this size fits; one message always does. Where it does not, the batch is full from now on.</summary>
    public bool Admits(int valueBytes)
    {
        if (_messages.Count == 0 || (!IsFull && (long)_bytes + valueBytes <= maxBytes))
            return true;
        IsFull = true;
        return false;
    }

    /// <summary>Memory for a message, valid until <see cref="Reset"/>.</summary>
    public Memory<byte> Rent(int bytes)
    {
        if (_chunks.Count == 0 || _chunks[^1].Length - _used < bytes)
        {
            _chunks.Add(ArrayPool<byte>.Shared.Rent(Math.Max(bytes, ChunkBytes)));
            _used = 0;
        }

        var memory = _chunks[^1].AsMemory(_used, bytes);
        _used += bytes;
        return memory;
    }

    public void Add(in DeliveredMessage message)
    {
        _messages.Add(message);
        _bytes += message.Value.Length;
        IsFull |= _messages.Count >= maxCount || _bytes >= maxBytes;
    }

    /// <summary>The key as a string; keys seen before in this partition are not made anew.</summary>
    public string KeyFrom(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 64)
            return Encoding.UTF8.GetString(utf8);
        _keys ??= new string?[CachedKeys];
        ref var slot = ref _keys[(Murmur2.Hash(utf8) & 0x7fffffff) % CachedKeys];
        Span<char> text = stackalloc char[64];
        var length = Encoding.UTF8.GetChars(utf8, text);
        if (slot is null || !text[..length].SequenceEqual(slot))
            slot = text[..length].ToString();
        return slot;
    }

    /// <summary>Gives the memory back.</summary>
    public void Reset()
    {
        foreach (var chunk in _chunks)
            ArrayPool<byte>.Shared.Return(chunk);
        _chunks.Clear();
        _messages.Clear();
        _used = 0;
        _bytes = 0;
        IsFull = false;
    }
}
