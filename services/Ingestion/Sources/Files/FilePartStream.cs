namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>The bytes of a file up to where it ended when it was taken. A file that ends earlier has been cut: that is a fault, not an end.</summary>
internal sealed class FilePartStream(FileStream file, string path, long from, long end) : Stream
{
    private long _left = end - from;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static FilePartStream Open(FilePart part, long from)
    {
        var file = SourceFile.Open(part.Path);
        file.Seek(from, SeekOrigin.Begin);
        return new FilePartStream(file, part.Path, from, part.End);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.Length == 0)
            return 0;
        return Count(await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer) => _left == 0 || buffer.Length == 0 ? 0 : Count(file.Read(buffer[..(int)Math.Min(buffer.Length, _left)]));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        if (read == 0)
            throw new SourceException($"file '{path}': found its end at byte {end - _left}; expected {end} bytes, as when it was taken. It was cut while it was read; put it back.");
        _left -= read;
        return read;
    }
}
