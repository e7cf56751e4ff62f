namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>A body of which the first bytes have been looked at, as a stream. It remembers so many bytes of its head until told to forget it.</summary>
internal sealed class BufferedBody(BodyBuffer body, int keep = 0) : ReadStream
{
    private MemoryStream? _head = keep > 0 ? new MemoryStream() : null;

    /// <summary>The first bytes that were read.</summary>
    public ReadOnlyMemory<byte> Head => _head is null ? default : _head.GetBuffer().AsMemory(0, (int)_head.Length);

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
}
