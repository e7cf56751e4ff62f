using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using RealTimeMesh.Sidecar.Telemetry;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.App;

/// <summary>gRPC to the app. A lost connection is made anew by the next call.</summary>
internal sealed class AppGrpc : IDisposable
{
    public const string HealthCheckName = "HealthCheck";

    private static readonly Method<Empty, Empty> HealthCheck = new(
        MethodType.Unary,
        "dapr.proto.runtime.v1.AppCallbackHealthCheck",
        HealthCheckName,
        // Only the status matters: the answer's fields, if it ever gets some, are not read.
        Marshallers.Create(static _ => [], static _ => new Empty()),
        Marshallers.Create(static _ => [], static _ => new Empty()));

    private readonly SocketsHttpHandler _handler;
    private readonly GrpcChannel _channel;
    private readonly SidecarOptions _options;

    public AppGrpc(SidecarOptions options, SidecarMetrics metrics, TimeProvider time)
    {
        _options = options;
        _handler = AppTransport.CreateHandler(options);
        Raw = new HttpMessageInvoker(_handler, disposeHandler: false);
        _channel = GrpcChannel.ForAddress(AppTransport.Address(options), new GrpcChannelOptions
        {
            HttpHandler = new SharedConnections(Raw),
            MaxReceiveMessageSize = options.MaxBodyBytes,
            MaxSendMessageSize = options.MaxBodyBytes,
        });
        Calls = metrics.Enabled ? _channel.Intercept(new AppGrpcMeter(metrics, time)) : _channel.CreateCallInvoker();
    }

    /// <summary><c>APP_API_TOKEN</c>; null where the app asks for none.</summary>
    public string? Token => _options.AppApiToken is { Length: > 0 } token ? token : null;

    public CallInvoker Calls { get; }

    /// <summary>The same connections for calls that are handed on as they came.</summary>
    public HttpMessageInvoker Raw { get; }

    /// <summary>Metadata that every call of the app carries.</summary>
    public RpcMetadata Headers()
    {
        var headers = new RpcMetadata();
        if (Token is { } token)
            headers.Add("dapr-api-token", token);
        return headers;
    }

    public async Task<AppStatus> ProbeAsync(CancellationToken cancellationToken)
    {
        using var call = Calls.AsyncUnaryCall(HealthCheck, null, new CallOptions(Headers(), cancellationToken: cancellationToken), new Empty());
        await call.ResponseAsync;
        return AppStatus.Healthy;
    }

    public void Dispose()
    {
        _channel.Dispose();
        Raw.Dispose();
        _handler.Dispose();
    }
}
