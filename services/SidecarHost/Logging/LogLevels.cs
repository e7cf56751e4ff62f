using Microsoft.Extensions.Logging;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>Levels as <c>--log-level</c> and log lines name them.</summary>
internal static class LogLevels
{
    /// <summary>The level of that name, without regard to case; null where there is none.</summary>
    public static LogLevel? Parse(string name) => name.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "FATAL" => LogLevel.Critical,
        _ => null,
    };

    public static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
