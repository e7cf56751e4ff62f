using System.Net;

namespace RealTimeMesh.Sidecar;

/// <summary>Settings of one sidecar; names and defaults follow daprd's flags.</summary>
public sealed record SidecarOptions
{
    /// <summary><c>--app-id</c></summary>
    public required string AppId { get; init; }

    /// <summary><c>NAMESPACE</c>: the app's namespace.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The label <c>namespace</c> of metrics: <c>NAMESPACE</c> as it is given, empty where it is not, as daprd has it.</summary>
    public string MetricsNamespace { get; init; } = "";

    /// <summary><c>--dapr-http-port</c>; 0 asks the operating system for one.</summary>
    public int HttpPort { get; init; } = 3500;

    /// <summary><c>--dapr-grpc-port</c>; 0 asks the operating system for one.</summary>
    public int GrpcPort { get; init; } = 50001;

    /// <summary>
    /// <c>--unix-domain-socket</c>: folder of the sockets <c>dapr-APPID-http.socket</c> and <c>dapr-APPID-grpc.socket</c>, on which
    /// both APIs are served in place of their ports. Null serves them on the ports.
    /// </summary>
    public string? UnixSocketFolder { get; init; }

    /// <summary><c>--dapr-public-port</c>: health and metadata only. Null for none, 0 asks the operating system for one.</summary>
    public int? PublicPort { get; init; }

    /// <summary><c>--metrics-port</c>. Null for none (the HTTP API then serves <c>/metrics</c>), 0 asks the operating system for one.</summary>
    public int? MetricsPort { get; init; }

    /// <summary><c>--profile-port</c>, with <c>--enable-profiling</c>. Null for none, 0 asks the operating system for one.</summary>
    public int? ProfilePort { get; init; }

    /// <summary><c>--dapr-internal-grpc-port</c>: calls between sidecars. Null for none, 0 asks the operating system for one.</summary>
    public int? InternalGrpcPort { get; init; }

    /// <summary><c>--dapr-listen-addresses</c>: where both APIs listen.</summary>
    public IReadOnlyList<IPAddress> ListenAddresses { get; init; } = [IPAddress.Loopback];

    /// <summary><c>--dapr-public-listen-address</c></summary>
    public IPAddress PublicListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary><c>--metrics-listen-address</c></summary>
    public IPAddress MetricsListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary><c>--dapr-internal-grpc-listen-address</c></summary>
    public IPAddress InternalGrpcListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary><c>DAPR_HOST_IP</c>: the address other sidecars find this one at. Null leaves it to the sidecar.</summary>
    public string? HostAddress { get; init; }

    /// <summary><c>--app-port</c>; 0 where there is no app.</summary>
    public int AppPort { get; init; }

    /// <summary><c>--app-channel-address</c></summary>
    public string AppAddress { get; init; } = "127.0.0.1";

    /// <summary><c>--app-protocol</c></summary>
    public AppProtocol AppProtocol { get; init; } = AppProtocol.Http;

    /// <summary><c>--app-max-concurrency</c>: most calls of the app at once; 0 for no limit.</summary>
    public int AppMaxConcurrency { get; init; }

    /// <summary><c>--enable-app-health-check</c> and its settings; null where health is not checked.</summary>
    public AppHealthOptions? AppHealth { get; init; }

    /// <summary><c>--disable-init-endpoints</c>: <c>config</c>, <c>subscribe</c>.</summary>
    public IReadOnlySet<string> DisabledInitEndpoints { get; init; } = new HashSet<string>();

    /// <summary><c>DAPR_API_TOKEN</c>: callers must send it as <c>dapr-api-token</c>. Null asks for none.</summary>
    public string? ApiToken { get; init; }

    /// <summary><c>APP_API_TOKEN</c>: sent to the app with each delivery. Null sends none.</summary>
    public string? AppApiToken { get; init; }

    /// <summary><c>--allowed-origins</c>; empty answers no cross-origin request.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary><c>--enable-api-logging</c></summary>
    public bool ApiLogging { get; init; }

    /// <summary><c>--max-body-size</c>, bytes. daprd's default is 4 MiB; bulk events need more.</summary>
    public int MaxBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary><c>--read-buffer-size</c>, bytes: bounds the header lines of an HTTP request.</summary>
    public int ReadBufferBytes { get; init; } = 32 * 1024;

    /// <summary><c>--dapr-graceful-shutdown-seconds</c>; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</summary>
    public TimeSpan GracefulShutdown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stopping sidecar, with no request under way, leaves clients to close their connections by themselves.</summary>
    public TimeSpan ConnectionLinger { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long one delivery may run in the app before it is cancelled and its events come again. Long by default:
    /// a slow commit is no fault. <see cref="Timeout.InfiniteTimeSpan"/> waits for ever, as daprd does.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>How the sidecar speaks to its app.</summary>
public enum AppProtocol
{
    Http,
    Https,
    H2c,
    Grpc,
    Grpcs,
}

/// <summary>App health checks; defaults are daprd's.</summary>
public sealed record AppHealthOptions
{
    /// <summary><c>--app-health-check-path</c>: HTTP apps only.</summary>
    public string Path { get; init; } = "/healthz";

    /// <summary><c>--app-health-probe-interval</c></summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>--app-health-probe-timeout</c></summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>--app-health-threshold</c>: failed probes in a row that make the app unhealthy.</summary>
    public int Threshold { get; init; } = 3;
}
