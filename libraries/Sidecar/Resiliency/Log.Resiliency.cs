using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

/// <summary>What policies log, in daprd's words: its users search for them.</summary>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Information, "Loading Resiliency configuration: {Name}")]
    public static partial void ResiliencyLoading(ILogger logger, string name);

    [LoggerMessage(301, LogLevel.Error, "Could not read resiliency policy {Name}: {Cause}")]
    public static partial void ResiliencyRefused(ILogger logger, string name, string cause);

    [LoggerMessage(302, LogLevel.Warning, "Attempted override of {Name} did not meet minimum retry count, resetting to 3.")]
    public static partial void BuiltInRetryRaised(ILogger logger, string name);

    [LoggerMessage(303, LogLevel.Warning, "Attempted to override protected policy {Name} which is not allowed. Ignoring provided policy and using default.")]
    public static partial void ProtectedPolicyKept(ILogger logger, string name);

    [LoggerMessage(304, LogLevel.Warning, "Error processing operation {Name}. Retrying in {Delay}…")]
    public static partial void OperationRetried(ILogger logger, string name, string delay);

    [LoggerMessage(305, LogLevel.Debug, "Error for operation {Name} was: {Cause}")]
    public static partial void OperationFailed(ILogger logger, string name, string cause);

    [LoggerMessage(306, LogLevel.Information, "Recovered processing operation {Name} after {Attempts} attempts")]
    public static partial void OperationRecovered(ILogger logger, string name, int attempts);

    [LoggerMessage(307, LogLevel.Information, "Circuit breaker \"{Name}\" changed state from {From} to {To}")]
    public static partial void BreakerChanged(ILogger logger, string name, string from, string to);

    [LoggerMessage(308, LogLevel.Warning, "A non-YAML resiliency file {File} was detected, it will not be loaded")]
    public static partial void ResiliencyFileSkipped(ILogger logger, string file);

    [LoggerMessage(309, LogLevel.Error, "Could not read resiliency file {File}: {Cause}")]
    public static partial void ResiliencyFileUnreadable(ILogger logger, string file, string cause);

    [LoggerMessage(310, LogLevel.Error, "Could not determine resource type: {Cause}")]
    public static partial void ResourceTypeUnknown(ILogger logger, string cause);

    [LoggerMessage(311, LogLevel.Error, "Could not parse resiliency file {File}: {Cause}")]
    public static partial void ResiliencyFileRefused(ILogger logger, string file, string cause);

    [LoggerMessage(312, LogLevel.Error, "Failed to read resiliency files from path {Path}: {Cause}")]
    public static partial void ResiliencyFolderUnreadable(ILogger logger, string path, string cause);

    [LoggerMessage(313, LogLevel.Warning, "file {File} holds a Resiliency that is not its first document: it is not loaded, as daprd reads the first one only; move it to a file of its own")]
    public static partial void ResiliencyNotFirst(ILogger logger, string file);

    [LoggerMessage(314, LogLevel.Warning, "target {Target} names {Kind} policy {Policy}, which no Resiliency document defines: it has none")]
    public static partial void PolicyUnknown(ILogger logger, string target, string kind, string policy);
}
