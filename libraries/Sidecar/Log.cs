using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "sidecar of {AppId} serves HTTP on port {HttpPort} and gRPC on port {GrpcPort}")]
    public static partial void Serving(ILogger logger, string appId, int httpPort, int grpcPort);

    [LoggerMessage(2, LogLevel.Information, "{Server} server listening on UNIX socket: {Path}")]
    public static partial void ServingOnSocket(ILogger logger, string server, string path);

    [LoggerMessage(10, LogLevel.Error, "publishing to topic {Topic} of {PubSub} failed")]
    public static partial void PublishFailed(ILogger logger, Exception exception, string topic, string pubSub);

    [LoggerMessage(11, LogLevel.Error, "operation {Operation} on state store {Store} failed")]
    public static partial void StateFailed(ILogger logger, Exception exception, string operation, string store);

    [LoggerMessage(14, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(18, LogLevel.Information, "span {Name} trace_id={TraceId} span_id={SpanId} duration={Duration}ms")]
    public static partial void Span(ILogger logger, string name, string traceId, string spanId, double duration);

    [LoggerMessage(16, LogLevel.Information, "HTTP API Called: {Method} {Path} {Status} in {Duration} ms")]
    public static partial void HttpCalled(ILogger logger, string method, string path, int status, long duration);

    [LoggerMessage(17, LogLevel.Information, "gRPC API Called: {Method} in {Duration} ms")]
    public static partial void GrpcCalled(ILogger logger, string method, long duration);
}
