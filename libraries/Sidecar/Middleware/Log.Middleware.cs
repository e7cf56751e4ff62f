using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

/// <summary>Middleware, in daprd's words.</summary>
internal static partial class Log
{
    [LoggerMessage(500, LogLevel.Information, "Building pipeline {Name}")]
    public static partial void BuildingPipeline(ILogger logger, string name);

    [LoggerMessage(501, LogLevel.Information, "Adding {Type}/{Version} {Name} middleware")]
    public static partial void MiddlewareAdded(ILogger logger, string type, string version, string name);

    [LoggerMessage(502, LogLevel.Information, "Removing {Type}/{Version} {Name} middleware")]
    public static partial void MiddlewareRemoved(ILogger logger, string type, string version, string name);

    [LoggerMessage(503, LogLevel.Warning, "Listing routes as key-value pairs is deprecated. Please use the 'routes' property instead. See: https://docs.dapr.io/reference/components-reference/supported-middleware/middleware-routeralias/")]
    public static partial void RoutesAsPairs(ILogger logger);
}
