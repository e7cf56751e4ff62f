using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

/// <summary>Service invocation and names.</summary>
internal static partial class Log
{
    [LoggerMessage(120, LogLevel.Debug, "HTTP service invocation failed to complete with error: {Cause}")]
    public static partial void InvocationFailed(ILogger logger, string cause);

    [LoggerMessage(121, LogLevel.Warning, "HTTP service invocation failed to complete with error: {Cause}")]
    public static partial void InvocationCutOff(ILogger logger, string cause);

    [LoggerMessage(122, LogLevel.Warning, "the access control policies of single apps need their identity (mTLS), which this sidecar does not have: the default action {Action} applies to every caller")]
    public static partial void CallerRulesIgnored(ILogger logger, string action);

    [LoggerMessage(123, LogLevel.Error, "HTTP endpoint {Name} cannot be called: {Fault}")]
    public static partial void EndpointRefused(ILogger logger, string name, string fault);

    [LoggerMessage(124, LogLevel.Warning, "the name entry {File} cannot be read: {Cause}")]
    public static partial void NameUnreadable(ILogger logger, string file, string cause);

    [LoggerMessage(125, LogLevel.Warning, "the name of {AppId} could not be renewed: {Cause}; other sidecars lose sight of this one")]
    public static partial void NameNotRenewed(ILogger logger, string appId, string cause);

    [LoggerMessage(126, LogLevel.Error, "the name of {AppId} could not be registered with {Resolver}: other apps cannot call it through their sidecars")]
    public static partial void NameNotRegistered(ILogger logger, Exception exception, string appId, string resolver);

    [LoggerMessage(127, LogLevel.Warning, "[DEPRECATION NOTICE] InvokeService is deprecated and will be removed in the future, please use proxy mode instead.")]
    public static partial void InvokeServiceDeprecated(ILogger logger);

    [LoggerMessage(128, LogLevel.Debug, "a proxied call of {Method} ended: {Cause}")]
    public static partial void ProxyEnded(ILogger logger, string method, string cause);
}
