using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Invocation.Http;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>This sidecar's own app as a callee.</summary>
internal sealed class LocalApp
{
    private readonly IAppInvoker? _invoker;

    public LocalApp(SidecarOptions options, AppChannel http, AppGrpc grpc, AppHealth health, AppLimiter limiter, SidecarMetrics metrics, TimeProvider time)
    {
        if (options.AppPort <= 0)
            return;
        _invoker = options.AppProtocol.IsGrpc()
            ? new GrpcAppInvoker(grpc, health, limiter)
            : new HttpInvoker(
                new HttpTarget(AppTransport.Address(options).ToString().TrimEnd('/'), options.AppProtocol.HttpVersion(), http.Raw, limiter)
                {
                    Health = health,
                    Headers = options.AppApiToken is { Length: > 0 } token ? [new("dapr-api-token", token)] : [],
                },
                metrics,
                time);
    }

    public bool Exists => _invoker is not null;

    public IAppInvoker Invoker => _invoker ?? throw new InvokeException("cannot invoke local endpoint: app channel not initialized");
}
