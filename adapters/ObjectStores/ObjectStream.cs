namespace RealTimeMesh.ObjectStores;

/// <summary>
/// An object to read from anywhere, by ranges: a small one first, larger ones where reading goes on in order, the next one fetched while the
/// last is read. Not thread-safe.
/// </summary>
internal sealed class ObjectStream(Func<long, long, CancellationToken, Task<byte[]>> read, byte[] first, long size) : Stream
{
    public const int FirstBytes = 256 << 10;
    private const int MostBytes = 8 << 20;

    private byte[] _block = first;
    private long _start;
    private long _position;
    private int _want = FirstBytes * 2;
    private (long Start, Task<byte[]> Read)? _ahead;
    private CancellationTokenSource? _stop;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => size;

    public override long Position { get => _position; set => _position = value; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= size || buffer.IsEmpty)
            return 0;
        if (_position < _start || _position >= _start + _block.Length)
            await MoveAsync(cancellationToken);
        var from = (int)(_position - _start);
        var count = Math.Min(buffer.Length, _block.Length - from);
        _block.AsMemory(from, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>For libraries that read a footer without waiting; what they read is mostly here already.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => size + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("the stream is read-only");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("the stream is read-only");

    public override async ValueTask DisposeAsync()
    {
        if (_ahead is { } ahead)
        {
            await _stop!.CancelAsync();
            await ((Task)ahead.Read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop?.Dispose();
        _ahead = null;
        await base.DisposeAsync();
    }

    private async Task MoveAsync(CancellationToken cancellationToken)
    {
        var isNext = _position == _start + _block.Length;
        if (_ahead is { } ahead && ahead.Start == _position)
        {
            _ahead = null;
            _block = await ahead.Read.WaitAsync(cancellationToken);
        }
        else
        {
            _want = isNext ? Math.Min(_want * 2, MostBytes) : FirstBytes * 2;
            _block = await read(_position, Math.Min(_want, size - _position), cancellationToken);
        }

        _start = _position;
        var end = _start + _block.Length;
        if (isNext && end < size && _ahead is null)
        {
            _stop ??= new CancellationTokenSource();
            _want = Math.Min(_want * 2, MostBytes);
            _ahead = (end, read(end, Math.Min(_want, size - end), _stop.Token));
        }
    }
}
