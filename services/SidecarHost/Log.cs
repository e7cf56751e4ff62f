using Microsoft.Extensions.Logging;

namespace RealTimeMesh.SidecarHost;

/// <summary>The process's own messages, in daprd's words where it has any.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "Starting Dapr Runtime -- version {Version} -- commit {Commit}")]
    public static partial void Starting(ILogger logger, string version, string commit);

    [LoggerMessage(3002, LogLevel.Information, "Log level set to: {Level}")]
    public static partial void LogLevelSet(ILogger logger, string level);

    [LoggerMessage(3003, LogLevel.Critical, "Fatal error from runtime: {Fault}")]
    public static partial void Fatal(ILogger logger, string fault);

    [LoggerMessage(3004, LogLevel.Information, "Daprd shutdown gracefully")]
    public static partial void ShutDown(ILogger logger);

    [LoggerMessage(3005, LogLevel.Critical, "Graceful shutdown timeout exceeded, forcing shutdown")]
    public static partial void GraceExceeded(ILogger logger);

    [LoggerMessage(3006, LogLevel.Warning, "Graceful shutdown timeout is infinite, will wait indefinitely to shutdown")]
    public static partial void GraceInfinite(ILogger logger);

    [LoggerMessage(3007, LogLevel.Information, "Blocking graceful shutdown for {Duration} or until app reports unhealthy...")]
    public static partial void Blocking(ILogger logger, string duration);

    [LoggerMessage(3008, LogLevel.Information, "App reported unhealthy, entering shutdown...")]
    public static partial void BlockEndedByApp(ILogger logger);

    [LoggerMessage(3009, LogLevel.Information, "Block shutdown period expired, entering shutdown...")]
    public static partial void BlockExpired(ILogger logger);

    [LoggerMessage(3010, LogLevel.Information, "Received signal '{Signal}'; beginning shutdown")]
    public static partial void SignalReceived(ILogger logger, string signal);

    [LoggerMessage(3011, LogLevel.Critical, "Received signal '{Signal}' during shutdown; exiting immediately")]
    public static partial void SecondSignal(ILogger logger, string signal);

    [LoggerMessage(3012, LogLevel.Information, "Received signal 'hangup'; reloading configuration and resources")]
    public static partial void ReloadReceived(ILogger logger);

    [LoggerMessage(3013, LogLevel.Warning, "Flag --{Flag} is ignored: {Part} left out of this runtime")]
    public static partial void FlagIgnored(ILogger logger, string flag, string part);

    [LoggerMessage(3014, LogLevel.Warning, "Flag --{Flag} has been deprecated, use {Instead}")]
    public static partial void FlagDeprecated(ILogger logger, string flag, string instead);

    [LoggerMessage(3015, LogLevel.Debug, "Loading config from file(s): {Files}")]
    public static partial void LoadingConfiguration(ILogger logger, string files);

    [LoggerMessage(3016, LogLevel.Information, "loading default configuration")]
    public static partial void DefaultConfiguration(ILogger logger);

    [LoggerMessage(3017, LogLevel.Information, "Enabled features: {Features}")]
    public static partial void EnabledFeatures(ILogger logger, string features);

    [LoggerMessage(3018, LogLevel.Information, "metric spec: {Spec}")]
    public static partial void MetricSpec(ILogger logger, string spec);

    [LoggerMessage(3019, LogLevel.Information, "{Text}")]
    public static partial void LatencyBuckets(ILogger logger, string text);

    [LoggerMessage(3020, LogLevel.Information, "standalone mode configured")]
    public static partial void ModeConfigured(ILogger logger);

    [LoggerMessage(3021, LogLevel.Information, "app id: {AppId}")]
    public static partial void AppIdConfigured(ILogger logger, string appId);

    [LoggerMessage(3022, LogLevel.Information, "Dapr trace sampler initialized: {Sampler}")]
    public static partial void Sampler(ILogger logger, string sampler);

    [LoggerMessage(3023, LogLevel.Information, "Initialized name resolution to {Name}")]
    public static partial void NameResolution(ILogger logger, string name);

    [LoggerMessage(3024, LogLevel.Information, "API gRPC server is running on port {Port}")]
    public static partial void GrpcRunning(ILogger logger, int port);

    [LoggerMessage(3025, LogLevel.Information, "HTTP server is running on port {Port}")]
    public static partial void HttpRunning(ILogger logger, int port);

    [LoggerMessage(3026, LogLevel.Information, "The request body size parameter is: {Bytes} bytes")]
    public static partial void BodySize(ILogger logger, int bytes);

    [LoggerMessage(3027, LogLevel.Information, "Internal gRPC server is running on {Address}:{Port}")]
    public static partial void InternalGrpcRunning(ILogger logger, string address, int port);

    [LoggerMessage(3028, LogLevel.Information, "dapr initialized. Status: Running. Init Elapsed {Milliseconds}ms")]
    public static partial void Initialized(ILogger logger, long milliseconds);

    [LoggerMessage(3029, LogLevel.Information, "Dapr is shutting down")]
    public static partial void ShuttingDown(ILogger logger);

    [LoggerMessage(3030, LogLevel.Information, "Dapr runtime stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3031, LogLevel.Critical, "{Fault}")]
    public static partial void Startup(ILogger logger, string fault);
}
