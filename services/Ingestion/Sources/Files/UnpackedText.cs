using System.Text;
using ZstdSharp;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>Unpacked text in UTF-8; what its codec or encoding can't read is said with the file and the place.</summary>
internal sealed class UnpackedText : Stream
{
    private readonly Stream _unpacked;
    private readonly Stream _text;
    private readonly FilePart _file;
    private readonly Encoding? _encoding;
    private long _offset;

    public UnpackedText(Stream unpacked, FilePart file, Encoding? encoding)
    {
        _unpacked = unpacked;
        _file = file;
        _encoding = encoding;
        _text = encoding is null ? unpacked : Encoding.CreateTranscodingStream(unpacked, encoding, Encoding.UTF8);
    }

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
        try
        {
            var read = await _text.ReadAsync(buffer, cancellationToken);
            _offset += read;
            return read;
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException or DecoderFallbackException)
        {
            var expected = e is DecoderFallbackException ? _encoding!.WebName : _file.Compression ?? "text";
            throw new SourceException($"file '{_file.Path}': found bytes behind byte {_offset} of its text that are not {expected} ({e.Message}). Repair the file, or set 'onError: skip' to go on without the rest of it.", e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_encoding is not null)
                _text.Dispose();
            _unpacked.Dispose();
        }

        base.Dispose(disposing);
    }
}
