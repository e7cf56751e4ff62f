using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "sidecar of {AppId} serves HTTP on port {HttpPort} and gRPC on port {GrpcPort}")]
    public static partial void Serving(ILogger logger, string appId, int httpPort, int grpcPort);

    [LoggerMessage(4, LogLevel.Warning, "the app of {AppId} did not answer {Path}: {Cause}; it is asked again in {Delay}")]
    public static partial void AppCallFailed(ILogger logger, string appId, string path, string cause, TimeSpan delay);

    [LoggerMessage(5, LogLevel.Information, "app {AppId} is subscribed to topic {Topic} of {PubSub} through {Route}, group {Group}")]
    public static partial void Subscribed(ILogger logger, string appId, string topic, string pubSub, string route, string group);

    [LoggerMessage(6, LogLevel.Error, "subscription of app {AppId} to topic {Topic} of {PubSub} is refused: {Fault}")]
    public static partial void SubscriptionRefused(ILogger logger, string appId, string topic, string pubSub, string fault);

    [LoggerMessage(7, LogLevel.Warning, "{Count} events of topic {Topic} come again: {Cause}")]
    public static partial void DeliveryRetried(ILogger logger, int count, string topic, string cause);

    [LoggerMessage(8, LogLevel.Warning, "{Count} events of topic {Topic} are dropped: {Cause}")]
    public static partial void DeliveryDropped(ILogger logger, int count, string topic, string cause);

    [LoggerMessage(9, LogLevel.Error, "{Count} events of topic {Topic} could not be sent to dead-letter topic {DeadLetterTopic}; they come again")]
    public static partial void DeadLetterFailed(ILogger logger, Exception exception, int count, string topic, string deadLetterTopic);

    [LoggerMessage(10, LogLevel.Error, "publishing to topic {Topic} of {PubSub} failed")]
    public static partial void PublishFailed(ILogger logger, Exception exception, string topic, string pubSub);

    [LoggerMessage(11, LogLevel.Error, "operation {Operation} on state store {Store} failed")]
    public static partial void StateFailed(ILogger logger, Exception exception, string operation, string store);

    [LoggerMessage(13, LogLevel.Error, "a running delivery of topic {Topic} did not end within {Grace} after the stop; it is cancelled and its events come again")]
    public static partial void GraceExceeded(ILogger logger, string topic, TimeSpan grace);

    [LoggerMessage(14, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(18, LogLevel.Information, "span {Name} trace_id={TraceId} span_id={SpanId} duration={Duration}ms")]
    public static partial void Span(ILogger logger, string name, string traceId, string spanId, double duration);

    [LoggerMessage(16, LogLevel.Information, "HTTP API Called: {Method} {Path} {Status} in {Duration} ms")]
    public static partial void HttpCalled(ILogger logger, string method, string path, int status, long duration);

    [LoggerMessage(17, LogLevel.Information, "gRPC API Called: {Method} in {Duration} ms")]
    public static partial void GrpcCalled(ILogger logger, string method, long duration);

    [LoggerMessage(15, LogLevel.Error, "the subscriptions of app {AppId} could not be started")]
    public static partial void SubscriptionsFailed(ILogger logger, Exception exception, string appId);
}
