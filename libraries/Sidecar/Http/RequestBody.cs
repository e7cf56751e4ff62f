using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>Reads a request's body whole; its size is bounded by the server's limit.</summary>
internal static class RequestBody
{
    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } known)
        {
            // Before the buffer: a header alone must not make one.
            if (known > request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize)
                throw new BadHttpRequestException($"the body has {known} bytes; expected at most the sidecar's max-body-size", StatusCodes.Status413PayloadTooLarge);
            var exact = new byte[checked((int)known)];
            await request.Body.ReadExactlyAsync(exact, cancellationToken);
            return exact;
        }

        using var stream = new MemoryStream();
        await request.Body.CopyToAsync(stream, cancellationToken);
        return stream.ToArray();
    }
}
