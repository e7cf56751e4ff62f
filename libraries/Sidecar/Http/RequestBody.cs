using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>Reads a request's body whole; its size is bounded by the server's limit.</summary>
internal static class RequestBody
{
    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } known)
        {
            var exact = new byte[checked((int)known)];
            await request.Body.ReadExactlyAsync(exact, cancellationToken);
            return exact;
        }

        using var stream = new MemoryStream();
        await request.Body.CopyToAsync(stream, cancellationToken);
        return stream.ToArray();
    }
}
