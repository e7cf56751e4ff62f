using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>One client's connection: requests are answered one by one, in their order, as brokers do.</summary>
internal sealed class Connection(TcpClient client, IReadOnlyDictionary<ApiKey, Api> apis, Action<ApiKey> count)
{
    /// <summary>As Kafka's <c>socket.request.max.bytes</c>.</summary>
    private const int LargestRequest = 100 * 1024 * 1024;

    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        // Answered on the pool: the one who accepts connections goes on with the next.
        await Task.Yield();
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await ReadAsync(stream, cancellationToken) is { } request)
                {
                    count(request.Key);
                    if (await AnswerAsync(request, cancellationToken) is { } answer)
                        await stream.WriteAsync(answer, cancellationToken);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or WireException or ObjectDisposedException)
            {
                // The client left, sent no request, or the broker stops: brokers close the connection without a word.
            }
        }
    }

    private async Task<Request?> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, cancellationToken) < 4)
            return null;
        var size = BinaryPrimitives.ReadInt32BigEndian(head);
        if (size is < 8 or > LargestRequest)
            throw new WireException($"found a request of {size} bytes; expected 8 to {LargestRequest}");
        var bytes = new byte[size];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        var reader = new WireReader(bytes);
        var host = $"/{((IPEndPoint)client.Client.RemoteEndPoint!).Address}";
        return new Request((ApiKey)reader.Int16(), reader.Int16(), reader.Int32(), reader.NullableString() ?? "", host, reader);
    }

    private async ValueTask<ReadOnlyMemory<byte>?> AnswerAsync(Request request, CancellationToken cancellationToken)
    {
        if (!apis.TryGetValue(request.Key, out var api))
            throw new WireException($"found a request of kind {(short)request.Key}; expected one that was told");
        var inRange = request.Version >= api.Oldest && request.Version <= api.Newest;
        // Clients begin with the newest request for versions that they know: brokers answer that in the oldest form.
        if (!inRange && request.Key != ApiKey.ApiVersions)
            throw new WireException($"found version {request.Version} of {request.Key}; expected {api.Oldest} to {api.Newest}");
        if (await api.Answer(request, cancellationToken) is not { } body)
            return null;
        return new WireWriter().Int32(body.Written.Length + 4).Int32(request.Correlation).Raw(body.Written.Span).Written;
    }
}
