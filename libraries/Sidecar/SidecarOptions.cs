namespace RealTimeMesh.Sidecar;

/// <summary>Settings of one sidecar; names and defaults follow daprd's flags.</summary>
public sealed record SidecarOptions
{
    /// <summary><c>--app-id</c></summary>
    public required string AppId { get; init; }

    /// <summary><c>--dapr-http-port</c>; 0 asks the operating system for one.</summary>
    public int HttpPort { get; init; } = 3500;

    /// <summary><c>--dapr-grpc-port</c>; 0 asks the operating system for one.</summary>
    public int GrpcPort { get; init; } = 50001;

    /// <summary><c>--app-port</c>; 0 where there is no app.</summary>
    public int AppPort { get; init; }

    /// <summary><c>--app-channel-address</c></summary>
    public string AppAddress { get; init; } = "127.0.0.1";

    /// <summary><c>DAPR_API_TOKEN</c>: callers must send it as <c>dapr-api-token</c>. Null asks for none.</summary>
    public string? ApiToken { get; init; }

    /// <summary><c>APP_API_TOKEN</c>: sent to the app with each delivery. Null sends none.</summary>
    public string? AppApiToken { get; init; }

    /// <summary><c>--max-body-size</c>, bytes. daprd's default is 4 MiB; bulk events need more.</summary>
    public int MaxBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary><c>--dapr-graceful-shutdown-seconds</c></summary>
    public TimeSpan GracefulShutdown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one delivery may run in the app before it is cancelled and its events come again. Long by default:
    /// a slow commit is no fault. <see cref="Timeout.InfiniteTimeSpan"/> waits for ever, as daprd does.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
