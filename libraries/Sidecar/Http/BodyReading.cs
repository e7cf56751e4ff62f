using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>
/// A request's body, whole. A body that came in one piece is used where the server has put it; others are copied
/// together. Dispose gives it back.
/// </summary>
internal readonly struct BodyReading : IDisposable
{
    /// <summary>What daprd says of a body above its limit.</summary>
    public const string TooLarge = "stream too large";

    /// <summary>Longer bodies are rare, and the pool would keep their buffers for long.</summary>
    private const int LongestPooled = 2 * 1024 * 1024;

    private readonly PipeReader? _reader;
    private readonly SequencePosition _end;
    private readonly byte[]? _rented;

    private BodyReading(ReadOnlyMemory<byte> body, PipeReader reader, SequencePosition end)
    {
        Memory = body;
        _reader = reader;
        _end = end;
    }

    private BodyReading(byte[] copy, int length, bool isPooled)
    {
        Memory = copy.AsMemory(0, length);
        _rented = isPooled ? copy : null;
    }

    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>Throws <see cref="BadHttpRequestException"/> where the body exceeds the server's limit or ends too early.</summary>
    public static async ValueTask<BodyReading> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var limit = TakeLimit(request);
        if (request.ContentLength > limit)
            throw Refused();
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                throw Refused();
            }

            if (!read.IsCompleted)
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            if (buffer.IsSingleSegment)
                return new BodyReading(buffer.First, reader, buffer.End);
            var length = checked((int)buffer.Length);
            var isPooled = length <= LongestPooled;
            var copy = isPooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
            buffer.CopyTo(copy);
            reader.AdvanceTo(buffer.End);
            return new BodyReading(copy, length, isPooled);
        }
    }

    public void Dispose()
    {
        _reader?.AdvanceTo(_end);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }

    /// <summary>
    /// The server's limit, which is enforced here instead: the server would end the connection while the client still
    /// sends, so that the answer often got lost. Without it the rest of the body is read and dropped, for a short time.
    /// </summary>
    private static long TakeLimit(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { MaxRequestBodySize: { } limit, IsReadOnly: false } feature)
            return long.MaxValue;
        feature.MaxRequestBodySize = null;
        return limit;
    }

    private static BadHttpRequestException Refused() => new(TooLarge, StatusCodes.Status413PayloadTooLarge);
}
