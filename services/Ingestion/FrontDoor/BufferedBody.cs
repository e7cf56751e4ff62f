namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>A body of which the first bytes have been looked at, as a stream. It remembers so many bytes of its head until told to forget it.</summary>
internal sealed class BufferedBody(BodyBuffer body, int keep = 0) : Stream
{
    private MemoryStream? _head = keep > 0 ? new MemoryStream() : null;

    /// <summary>The first bytes that were read.</summary>
    public ReadOnlyMemory<byte> Head => _head is null ? default : _head.GetBuffer().AsMemory(0, (int)_head.Length);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!await body.HasAsync(1, cancellationToken))
            return 0;
        var count = Math.Min(buffer.Length, body.Length);
        body.Bytes[..count].CopyTo(buffer.Span);
        if (_head is not null)
            _head.Write(body.Bytes[..Math.Min(count, keep - (int)_head.Length)]);
        body.Consume(count);
        return count;
    }

    public void ForgetHead() => _head = null;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
