using System.Buffers;
using System.Net;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>A request body that is sent on as it comes, never gathered.</summary>
/// <param name="source">Read once; not disposed.</param>
/// <param name="length">Bytes, where they are known.</param>
internal sealed class FlushedContent(Stream source, long? length) : HttpContent
{
    private const int ChunkBytes = 32 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            // Headers leave before the first bytes come.
            await stream.FlushAsync(cancellationToken);
            int count;
            while ((count = await source.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length ?? 0;
        return length is not null;
    }
}
