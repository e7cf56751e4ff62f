using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using RealTimeMesh.Components;

namespace RealTimeMesh.Pluggable;

/// <summary>
/// The connection of one component to its socket. Initialises the component before the first call, and again when the connection
/// was lost: the process behind the socket may be another one then.
/// </summary>
internal sealed class ComponentConnection : IAsyncDisposable
{
    // Tells instances apart that share a socket.
    private const string InstanceHeader = "x-component-instance";

    private readonly GrpcChannel _channel;
    private readonly SemaphoreSlim _initializing = new(1, 1);
    private readonly Func<CallInvoker, CancellationToken, Task> _initialize;
    private int _epoch = 1;
    private int _initializedEpoch;

    /// <param name="socket">Path of the socket.</param>
    /// <param name="instance">Name of the component.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="initialize">Sends the component its settings.</param>
    public ComponentConnection(string socket, string instance, PluggableOptions options, Func<CallInvoker, CancellationToken, Task> initialize)
    {
        Socket = socket;
        _initialize = initialize;
        _channel = Open(socket, options, () => () => Interlocked.Increment(ref _epoch));
        // gRPC headers hold ASCII only.
        var name = instance.All(char.IsAscii) ? instance : Uri.EscapeDataString(instance);
        Invoker = _channel.Intercept(metadata =>
        {
            metadata.Add(InstanceHeader, name);
            return metadata;
        });
    }

    /// <summary>Path of the socket.</summary>
    public string Socket { get; }

    /// <summary>Sends calls, whether the component is initialised or not.</summary>
    public CallInvoker Invoker { get; }

    /// <summary>A channel to a socket. <paramref name="connected"/> is called for each connection and returns what to call when that is lost.</summary>
    public static GrpcChannel Open(string socket, PluggableOptions options, Func<Action> connected) =>
        GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = UnixSocketHandler.Create(socket, connected),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = options.MaxMessageBytes,
            MaxSendMessageSize = null,
            MaxRetryAttempts = 1,
        });

    /// <summary>Makes sure that the component behind the present connection is initialised. Throws <see cref="ComponentCallException"/> where that fails.</summary>
    public ValueTask ReadyAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _initializedEpoch) == Volatile.Read(ref _epoch) ? default : new ValueTask(InitializeAsync(cancellationToken));

    /// <summary>Makes one call of an initialised component.</summary>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        Func<CallInvoker, TRequest, CancellationToken, AsyncUnaryCall<TResponse>> method, TRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await RawAsync(method, request, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw CallErrors.Convert(e, Socket, cancellationToken);
        }
    }

    /// <summary>As <see cref="CallAsync"/>, for callers that read the component's error themselves.</summary>
    public async Task<TResponse> RawAsync<TRequest, TResponse>(
        Func<CallInvoker, TRequest, CancellationToken, AsyncUnaryCall<TResponse>> method, TRequest request, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        using var call = method(Invoker, request, cancellationToken);
        return await call.ResponseAsync.ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        _initializing.Dispose();
        return default;
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await _initializing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var epoch = Volatile.Read(ref _epoch);
            if (_initializedEpoch == epoch)
                return;
            await _initialize(Invoker, cancellationToken).ConfigureAwait(false);
            // Where the connection was lost meanwhile, the epoch has moved on and the next call initialises again.
            Volatile.Write(ref _initializedEpoch, epoch);
        }
        catch (RpcException e)
        {
            throw CallErrors.Convert(e, Socket, cancellationToken);
        }
        finally
        {
            _initializing.Release();
        }
    }
}
