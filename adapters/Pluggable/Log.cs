using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Pluggable;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "pluggable component '{Component}' was successfully registered for '{Service}'")]
    public static partial void Registered(ILogger logger, string component, string service);

    [LoggerMessage(5002, LogLevel.Warning, "could not use socket for file {Path}")]
    public static partial void NotASocket(ILogger logger, string path);

    [LoggerMessage(5003, LogLevel.Error, "could not initialize pluggable components {Error}")]
    public static partial void DiscoveryFailed(ILogger logger, string error);

    [LoggerMessage(5004, LogLevel.Debug, "loading pluggable components under path {Folder}")]
    public static partial void Discovering(ILogger logger, string folder);

    [LoggerMessage(5005, LogLevel.Debug, "found {Count} pluggable component services")]
    public static partial void Discovered(ILogger logger, int count);

    [LoggerMessage(5006, LogLevel.Error, "Failed to receive pubsub message: {Error}")]
    public static partial void ReceiveFailed(ILogger logger, string error);

    [LoggerMessage(5007, LogLevel.Error, "error when handling message on topic {Topic}")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string topic);

    [LoggerMessage(5008, LogLevel.Warning, "The component ended the stream of topic {Topic}; it is opened again")]
    public static partial void StreamEnded(ILogger logger, string topic);

    [LoggerMessage(5009, LogLevel.Warning, "Cannot subscribe to topic {Topic} again yet: {Error}")]
    public static partial void ResubscribeFailed(ILogger logger, string topic, string error);

    [LoggerMessage(5010, LogLevel.Information, "Subscribed to topic {Topic} again")]
    public static partial void Resubscribed(ILogger logger, string topic);

    [LoggerMessage(5011, LogLevel.Error, "failed to get multi max size from state store: {Error}")]
    public static partial void MultiMaxSizeFailed(ILogger logger, string error);
}
