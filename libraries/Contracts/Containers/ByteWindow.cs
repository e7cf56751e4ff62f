using System.Buffers;

namespace RealTimeMesh.Contracts.Containers;

/// <summary>
/// The part of a stream that is being looked at. It grows only as bytes really come, so that a length claimed by the
/// stream allocates nothing.
/// </summary>
internal sealed class ByteWindow(Stream stream) : IDisposable
{
    private const int FirstCapacity = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstCapacity);
    private int _start;
    private int _end;
    private int _used;
    private bool _ended;
    private bool _reading;

    /// <summary>Offset in the stream of the window's first byte; what <see cref="ConsumeLater"/> was told is behind it.</summary>
    public long Offset
    {
        get
        {
            Drop();
            return field;
        }

        private set;
    }

    public int Available => _end - _start - _used;

    /// <summary>True where the window has, or gets, so many bytes.</summary>
    public async ValueTask<bool> HasAsync(int count, CancellationToken cancellationToken)
    {
        Drop();
        while (_end - _start < count && !_ended)
        {
            MakeRoom();
            _reading = true;
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _reading = false;
            _end += read;
            _ended = read == 0;
        }

        return _end - _start >= count;
    }

    public ReadOnlyMemory<byte> Slice(int start, int length) => _buffer.AsMemory(_start + start, length);

    /// <summary>Passes over bytes with the next call; until then slices of them stay valid.</summary>
    public void ConsumeLater(int count) => _used += count;

    /// <summary>Goes behind the next occurrence of a pattern. False where there is none.</summary>
    public async ValueTask<bool> FindAsync(ReadOnlyMemory<byte> pattern, CancellationToken cancellationToken)
    {
        while (await HasAsync(pattern.Length, cancellationToken))
        {
            var found = _buffer.AsSpan(_start, _end - _start).IndexOf(pattern.Span);
            ConsumeLater(found >= 0 ? found + pattern.Length : _end - _start - pattern.Length + 1);
            if (found >= 0)
                return true;
        }

        return false;
    }

    public void Seek(long offset)
    {
        stream.Seek(offset, SeekOrigin.Begin);
        (_start, _end, _used, _ended) = (0, 0, 0, false);
        Offset = offset;
    }

    public void Dispose()
    {
        // A read that was abandoned may still write into the buffer: that one is left to the collector.
        if (_buffer.Length > 0 && !_reading)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Drop()
    {
        if (_used == 0)
            return;
        var used = _used;
        _used = 0;
        _start += used;
        Offset += used;
    }

    private void MakeRoom()
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end < _buffer.Length)
            return;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _end -= _start;
        _start = 0;
    }
}
