using Grpc.Core;
using Grpc.Net.Client;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Calls Dapr's gRPC API with requests that are already encoded: the load client must not cost what it measures.</summary>
internal sealed class GrpcLoad : IDisposable
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static value => value, static value => value);

    private readonly GrpcChannel[] _channels;
    private readonly CallInvoker[] _calls;

    /// <param name="connections">A connection is served by one thread at a time.</param>
    public GrpcLoad(int port, int connections)
    {
        _channels = [.. Enumerable.Range(0, connections).Select(_ => GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new GrpcChannelOptions { MaxSendMessageSize = null, MaxReceiveMessageSize = null }))];
        _calls = [.. _channels.Select(channel => channel.CreateCallInvoker())];
    }

    public static Method<byte[], byte[]> Method(string name) => new(MethodType.Unary, "dapr.proto.runtime.v1.Dapr", name, Bytes, Bytes);

    public async Task<byte[]> CallAsync(Method<byte[], byte[]> method, byte[] request, int caller = 0)
    {
        using var call = _calls[caller % _calls.Length].AsyncUnaryCall(method, null, default, request);
        return await call.ResponseAsync;
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
            channel.Dispose();
    }
}
