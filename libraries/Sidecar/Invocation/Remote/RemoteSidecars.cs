using System.Collections.Concurrent;
using Grpc.Net.Client;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Invocation.Wire;

namespace RealTimeMesh.Sidecar.Invocation.Remote;

/// <summary>Connections to the internal ports of other sidecars, made when needed and kept.</summary>
internal sealed class RemoteSidecars : IDisposable
{
    /// <summary>More addresses than that are those of sidecars long gone.</summary>
    private const int MaxChannels = 1024;

    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);
    private readonly SidecarOptions _options;
    private readonly SocketsHttpHandler _handler = new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(3),
        KeepAlivePingDelay = TimeSpan.FromSeconds(10),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        InitialHttp2StreamWindowSize = 1024 * 1024,
        ActivityHeadersPropagator = null,
    };

    public RemoteSidecars(SidecarOptions options)
    {
        _options = options;
        Raw = new HttpMessageInvoker(_handler, disposeHandler: false);
    }

    /// <summary>The same connections for calls that are handed on as they came.</summary>
    public HttpMessageInvoker Raw { get; }

    /// <param name="address">Host and port.</param>
    public ServiceInvocation.ServiceInvocationClient Client(string address)
    {
        if (_channels.Count >= MaxChannels)
            _channels.Clear();
        return new(_channels.GetOrAdd(address, key => new Lazy<GrpcChannel>(() => Open(key))).Value);
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
            channel.Value.Dispose();
        Raw.Dispose();
        _handler.Dispose();
    }

    private GrpcChannel Open(string address) => GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions
    {
        HttpHandler = new SharedConnections(Raw),
        MaxReceiveMessageSize = _options.MaxBodyBytes,
        MaxSendMessageSize = _options.MaxBodyBytes,
    });
}
