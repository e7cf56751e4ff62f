using System.Buffers;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>A stream whose first bytes have been read already.</summary>
internal sealed class PeekedStream : ReadOnlyStream
{
    private const int PeekBytes = 4096;

    private readonly Stream _rest;
    private byte[]? _first;
    private ReadOnlyMemory<byte> _unread;

    private PeekedStream(Stream rest, byte[] first, int length)
    {
        _rest = rest;
        _first = first;
        _unread = first.AsMemory(0, length);
        IsEmpty = length == 0;
    }

    /// <summary>True where the stream had nothing in it.</summary>
    public bool IsEmpty { get; }

    /// <summary>Waits for the first bytes, or for the end.</summary>
    public static async ValueTask<PeekedStream> PeekAsync(Stream stream, CancellationToken cancellationToken)
    {
        var first = ArrayPool<byte>.Shared.Rent(PeekBytes);
        return new PeekedStream(stream, first, await stream.ReadAsync(first, cancellationToken));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_unread.IsEmpty)
            return IsEmpty ? 0 : await _rest.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _first, null) is { } first)
        {
            _unread = default;
            ArrayPool<byte>.Shared.Return(first);
            _rest.Dispose();
        }

        base.Dispose(disposing);
    }
}
