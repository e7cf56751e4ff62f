using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Metadata;

/// <summary>How the sidecar reaches its app, as the metadata API tells it.</summary>
internal sealed record AppConnectionInfo(int Port, string Protocol, string ChannelAddress, int MaxConcurrency, AppHealthInfo? Health)
{
    public static AppConnectionInfo Of(SidecarOptions options) => new(
        options.AppPort,
        options.AppProtocol.ToString().ToLowerInvariant(),
        options.AppAddress,
        options.AppMaxConcurrency,
        options.AppHealth is { } health ? AppHealthInfo.Of(health, options.AppProtocol is AppProtocol.Grpc or AppProtocol.Grpcs) : null);
}

/// <summary>Health checks of the app. Durations are in Go's form; gRPC apps have no path.</summary>
internal sealed record AppHealthInfo(string Path, string Interval, string Timeout, int Threshold)
{
    public static AppHealthInfo Of(AppHealthOptions options, bool isGrpc) =>
        new(isGrpc ? "" : options.Path, GoDuration.Format(options.ProbeInterval), GoDuration.Format(options.ProbeTimeout), options.Threshold);
}
