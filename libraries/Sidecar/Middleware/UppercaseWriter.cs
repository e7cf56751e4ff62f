namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>Hands text on in upper case as it is written. The target stays the owner's.</summary>
internal sealed class UppercaseWriter(Stream target) : Stream
{
    private readonly UppercaseText _text = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => target.WriteAsync(_text.Next(buffer.Span), cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);

    /// <summary>Writes what was held back.</summary>
    public ValueTask EndAsync(CancellationToken cancellationToken)
    {
        var rest = _text.End();
        return rest.IsEmpty ? ValueTask.CompletedTask : target.WriteAsync(rest, cancellationToken);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");
}
