using System.Buffers;
using System.Numerics;
using RealTimeMesh.Ingestion.Memory;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>
/// Splits a stream of bytes into lines. Takes any bytes, lines of any length, CRLF, a missing last line break; skips
/// blank lines and a UTF-8 byte order mark at offset 0. A record is valid until the next call. With
/// <paramref name="memory"/> its buffer is a request's: taken from what requests may hold, and given back while nothing comes.
/// </summary>
internal sealed class RecordReader(Stream stream, IngestionOptions options, long offset = 0, MemoryLease? memory = null) : IDisposable
{
    private const int FirstCapacity = 8 * 1024;
    private const int FullCapacity = 128 * 1024;

    /// <summary>Of a line that is being waited for, a buffer of this or the next power of two is kept.</summary>
    private const int IdleCapacity = 512;

    private byte[] _buffer = [];
    private int _capacity = memory is null ? FullCapacity : FirstCapacity;
    private int _taken;
    private int _start;
    private int _end;
    private int _scanned;
    private bool _ended;
    private bool _reading;
    private bool _bomChecked = offset != 0;
    private OversizeRecord? _oversize;

    /// <summary>Offset in the stream of the byte after the last record and its line break.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Takes the next record out of what has been read. False: call <see cref="FillAsync"/>.</summary>
    public bool TryRead(out InputRecord record)
    {
        while (true)
        {
            if (!FindEnd(out var end, out var next))
            {
                record = default;
                return false;
            }

            if (_oversize is { } oversize)
            {
                oversize.Append(_buffer.AsSpan(_start, end - _start));
                record = oversize.Complete();
                Consume(next);
                _oversize = null;
                memory?.Return(options.KeepHeadBytes);
                return true;
            }

            var bytes = _buffer.AsSpan(_start, end - _start);
            if (bytes is [.., (byte)'\r'])
                bytes = bytes[..^1];
            Consume(next);
            if (bytes.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r') < 0)
                continue;
            record = new InputRecord(bytes);
            return true;
        }
    }

    /// <summary>
    /// Reads more bytes. False where there are none: <see cref="TryRead"/> has returned everything. Throws
    /// <see cref="MemoryRefusedException"/> where there is no memory for more.
    /// </summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return false;
        _reading = true;
        if (memory is not null)
            await WaitAsync(cancellationToken);
        await MakeRoomAsync(cancellationToken);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _reading = false;
        // A sender that is faster than its buffer gets a larger one.
        if (read == _buffer.Length - _end && _capacity < FullCapacity)
            _capacity *= 2;
        _end += read;
        if (read == 0)
            _ended = true;
        if (!_bomChecked && (_end - _start >= 3 || _ended))
        {
            _bomChecked = true;
            if (_buffer.AsSpan(_start, _end - _start).StartsWith("\uFEFF"u8))
                Consume(_start + 3);
        }

        // At the end a last record without line break may still be there.
        return !_ended || _start < _end || _oversize is not null;
    }

    public void Dispose()
    {
        // A read that was abandoned may still write into the buffer: that one is left to the collector.
        if (!_reading)
            Replace(0);
        _oversize?.Dispose();
    }

    private bool FindEnd(out int end, out int next)
    {
        end = next = 0;
        if (!_bomChecked)
            return false;
        var found = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
        if (found >= 0)
        {
            end = _scanned + found;
            _scanned = next = end + 1;
            return true;
        }

        _scanned = _end;
        if (!_ended || (_start == _end && _oversize is null))
            return false;
        end = next = _end;
        return true;
    }

    private void Consume(int next)
    {
        Offset += next - _start;
        _start = next;
        _scanned = next;
    }

    /// <summary>Waits for input holding as little as possible: ten thousand senders that say nothing must cost next to nothing.</summary>
    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        // A read of no bytes ends when there are some.
        var arrives = stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
        if (!arrives.IsCompleted)
        {
            var pending = _end - _start;
            var kept = pending == 0 ? 0 : Math.Max(IdleCapacity, (int)BitOperations.RoundUpToPowerOf2((uint)pending));
            if (kept < _buffer.Length)
                Replace(kept);
            _capacity = FirstCapacity;
        }

        await arrives;
    }

    private async ValueTask MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_end - _start > options.KeepWholeBytes || _oversize is not null)
        {
            // Beyond the keep limit only head, length and hash are held.
            if (_oversize is null && memory is not null)
                await memory.TakeAsync(options.KeepHeadBytes, options.RoomTimeout, cancellationToken);
            _oversize ??= new OversizeRecord(options.KeepHeadBytes);
            _oversize.Append(_buffer.AsSpan(_start, _end - _start));
            Offset += _end - _start;
            _start = _end = _scanned = 0;
        }

        var pending = _end - _start;
        // Small reads into what is left of a buffer cost more than to move the little that is pending.
        if (_buffer.Length - _end >= _buffer.Length / 4 && _buffer.Length >= _capacity)
            return;
        var needed = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(_capacity, 2 * pending));
        if (needed > _buffer.Length)
        {
            // Old and new are there together for a moment.
            if (memory is not null)
                await memory.TakeAsync(needed, options.RoomTimeout, cancellationToken);
            Replace(needed, taken: true);
        }
        else
        {
            _buffer.AsSpan(_start, pending).CopyTo(_buffer);
            Move();
        }
    }

    /// <summary>Moves what is pending to a buffer of another size; 0 for none.</summary>
    private void Replace(int capacity, bool taken = false)
    {
        if (memory is not null && !taken)
            memory.Take(capacity);
        var replaced = capacity == 0 ? [] : ArrayPool<byte>.Shared.Rent(capacity);
        if (capacity > 0)
            _buffer.AsSpan(_start, _end - _start).CopyTo(replaced);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        memory?.Return(_taken);
        (_buffer, _taken) = (replaced, capacity);
        Move();
    }

    private void Move()
    {
        _end -= _start;
        _scanned -= _start;
        _start = 0;
    }
}
