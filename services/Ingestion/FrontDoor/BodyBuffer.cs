using System.Buffers;
using RealTimeMesh.Ingestion.Memory;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// The part of a body that has been read and not been used. It grows only as bytes really come, and while there are none
/// it holds no buffer worth speaking of, however long the sender pauses.
/// </summary>
internal sealed class BodyBuffer(Stream body, MemoryLease memory, IngestionOptions options) : IDisposable
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
        _reading = true;
        await MakeRoomAsync(cancellationToken);
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

    private void Give(byte[] buffer)
    {
        memory.Return(buffer.Length);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private async ValueTask<byte[]> RentAsync(int capacity, CancellationToken cancellationToken)
    {
        await memory.TakeAsync(capacity, options.RoomTimeout, cancellationToken);
        var rented = ArrayPool<byte>.Shared.Rent(capacity);
        // The pool may give more than was asked for.
        memory.Take(rented.Length - capacity);
        return rented;
    }

    private async ValueTask MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            // A small buffer waits for what may never come; where the last read was full, more is there already.
            _start = _end = 0;
            var wanted = _full ? FirstCapacity : SmallCapacity;
            if (_full ? _buffer.Length >= wanted : _buffer.Length > 0 && _buffer.Length <= wanted)
                return;
            Give(_buffer);
            _buffer = [];
            _buffer = await RentAsync(wanted, cancellationToken);
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
            var larger = await RentAsync(Math.Max(FirstCapacity, (_end - _start) * 2), cancellationToken);
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            Give(_buffer);
            _buffer = larger;
        }

        _end -= _start;
        _start = 0;
    }
}
