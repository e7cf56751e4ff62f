using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>gRPC by hand: what a client that follows the rules cannot send.</summary>
internal static class GrpcFrame
{
    /// <summary>A message behind its prefix (gRPC over HTTP/2, "Length-Prefixed-Message").</summary>
    public static byte[] Of(byte[] message, byte compressed = 0, int? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = compressed;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Status and message, from the trailers or, where there is no body, the headers.</summary>
    public static async Task<(string Status, string Message)> CallAsync(HttpClient client, string method, byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/dapr.proto.runtime.v1.Dapr/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await client.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        return (Value("grpc-status"), Uri.UnescapeDataString(Value("grpc-message")));

        string Value(string name) =>
            response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? string.Join(',', values) : "";
    }
}
