using System.Buffers;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// The part of a body that has been read and not been used. It grows only as bytes really come, and while there are none
/// it holds no buffer worth speaking of, however long the sender pauses.
/// </summary>
internal sealed class BodyBuffer(Stream body) : IDisposable
{
    private const int SmallCapacity = 1024;
    private const int FirstCapacity = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private bool _full;
    private bool _reading;

    /// <summary>The body's end has been read.</summary>
    public bool Ended { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start, _end - _start);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(_start, _end - _start);

    public int Length => _end - _start;

    /// <summary>Offset in the body of the first byte of <see cref="Bytes"/>.</summary>
    public long Offset { get; private set; }

    public void Consume(int count)
    {
        _start += count;
        Offset += count;
    }

    /// <summary>Reads more. False at the body's end.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (Ended)
            return false;
        MakeRoom();
        _reading = true;
        var read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _reading = false;
        _end += read;
        _full = _end == _buffer.Length;
        Ended = read == 0;
        return !Ended;
    }

    /// <summary>Reads until there are so many bytes. False where the body ends before.</summary>
    public async ValueTask<bool> HasAsync(int count, CancellationToken cancellationToken)
    {
        while (Length < count)
        {
            if (!await FillAsync(cancellationToken))
                return false;
        }

        return true;
    }

    public void Dispose()
    {
        // A read that was abandoned may still write into the buffer: that one is left to the collector.
        if (!_reading)
            Give(_buffer);
        _buffer = [];
    }

    private static void Give(byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            // A small buffer waits for what may never come; where the last read was full, more is there already.
            _start = _end = 0;
            var wanted = _full ? FirstCapacity : SmallCapacity;
            if (_full ? _buffer.Length >= wanted : _buffer.Length > 0 && _buffer.Length <= wanted)
                return;
            Give(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(wanted);
            return;
        }

        if (_end < _buffer.Length)
            return;
        if (_start >= FirstCapacity / 2 && _start >= _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstCapacity, (_end - _start) * 2));
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            Give(_buffer);
            _buffer = larger;
        }

        _end -= _start;
        _start = 0;
    }
}
