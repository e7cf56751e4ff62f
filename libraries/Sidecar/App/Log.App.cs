using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

/// <summary>The app's connection and health, in daprd's words.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "application protocol: {Protocol}. waiting on port {Port}.  This will block until the app is listening on that port.")]
    public static partial void WaitingOnPort(ILogger logger, string protocol, int port);

    [LoggerMessage(101, LogLevel.Information, "waiting for application to listen on port {Port}")]
    public static partial void WaitingForApp(ILogger logger, int port);

    [LoggerMessage(102, LogLevel.Information, "application discovered on port {Port}")]
    public static partial void AppDiscovered(ILogger logger, int port);

    [LoggerMessage(103, LogLevel.Information, "app max concurrency set to {Limit}")]
    public static partial void AppConcurrency(ILogger logger, int limit);

    [LoggerMessage(104, LogLevel.Warning, "App channel is not initialized. Did you configure an app-port?")]
    public static partial void NoAppChannel(ILogger logger);

    [LoggerMessage(105, LogLevel.Error, "the app on port {Port} cannot be reached")]
    public static partial void AppConnectionFailed(ILogger logger, Exception exception, int port);

    [LoggerMessage(106, LogLevel.Information, "App health probes starting")]
    public static partial void HealthProbesStarting(ILogger logger);

    [LoggerMessage(107, LogLevel.Information, "App health probes stopping")]
    public static partial void HealthProbesStopping(ILogger logger);

    [LoggerMessage(108, LogLevel.Debug, "Probing app health")]
    public static partial void ProbingHealth(ILogger logger);

    [LoggerMessage(109, LogLevel.Error, "App health probe could not complete with error: {Cause}")]
    public static partial void HealthProbeFailed(ILogger logger, string cause);

    [LoggerMessage(110, LogLevel.Debug, "App health probe status is unchanged - health probe successful: {Successful}")]
    public static partial void HealthUnchanged(ILogger logger, string successful);

    [LoggerMessage(111, LogLevel.Debug, "App health probe detected status change - health probe successful: {Successful}")]
    public static partial void HealthChangeDetected(ILogger logger, string successful);

    [LoggerMessage(112, LogLevel.Information, "App entered healthy status")]
    public static partial void AppHealthy(ILogger logger);

    [LoggerMessage(113, LogLevel.Warning, "App entered un-healthy status: {Reason}")]
    public static partial void AppUnhealthy(ILogger logger, string reason);
}
