using System.Buffers;
using RealTimeMesh.Sidecar.Invocation;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>A stream of text as it is read, in upper case. The source stays the owner's.</summary>
internal sealed class UppercaseReader(Stream source) : ReadOnlyStream
{
    private const int ChunkBytes = 16 * 1024;

    private readonly UppercaseText _text = new();
    private ReadOnlyMemory<byte> _ready;
    private bool _isAtEnd;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_ready.IsEmpty && !_isAtEnd)
            await FillAsync(cancellationToken);
        var count = Math.Min(buffer.Length, _ready.Length);
        _ready[..count].CopyTo(buffer);
        _ready = _ready[count..];
        return count;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var count = await source.ReadAsync(chunk, cancellationToken);
            _isAtEnd = count == 0;
            _ready = _isAtEnd ? _text.End() : _text.Next(chunk.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
