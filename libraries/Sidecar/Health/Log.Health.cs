using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

/// <summary>Shutdown, in daprd's words.</summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "Shutdown requested via API")]
    public static partial void ShutdownRequested(ILogger logger);

    [LoggerMessage(401, LogLevel.Warning, "Force shutdown requested, exiting immediately without graceful shutdown")]
    public static partial void ForcedShutdownRequested(ILogger logger);
}
