using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Redis;

internal static partial class Log
{
    [LoggerMessage(2201, LogLevel.Warning, "redis streams: maxLenApprox and streamTTL cannot be used together; only one stream trimming strategy can be active at a time: maxLenApprox holds")]
    public static partial void TwoTrimmings(ILogger logger);

    [LoggerMessage(2202, LogLevel.Error, "redis streams: error reading from stream {Topic} for group {Group}; reading goes on when the server answers again")]
    public static partial void ReadFailed(ILogger logger, Exception exception, string topic, string group);

    [LoggerMessage(2203, LogLevel.Information, "redis streams: stream {Topic} is read again for group {Group} after {Elapsed}")]
    public static partial void ReadAgain(ILogger logger, string topic, string group, TimeSpan elapsed);

    [LoggerMessage(2204, LogLevel.Warning, "redis streams: consumer group {Group} does not exist for stream {Topic}; it is made anew. The server may have lost data, or the stream was deleted")]
    public static partial void GroupGone(ILogger logger, string topic, string group);

    [LoggerMessage(2205, LogLevel.Error, "Handler of group {Group} failed on {Count} messages of stream {Topic} from {Id} on; they come again")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string topic, string group, string id, int count);

    [LoggerMessage(2206, LogLevel.Error, "Handler of group {Group} on stream {Topic} refused messages {First} to {Last} of a batch of {Count}; all come again")]
    public static partial void RefusalOutOfRange(ILogger logger, string topic, string group, int first, int last, int count);

    [LoggerMessage(2207, LogLevel.Warning, "redis streams: error acknowledging {Count} messages of stream {Topic} for group {Group}; tried again until the server answers")]
    public static partial void AcknowledgeFailed(ILogger logger, Exception exception, string topic, string group, int count);

    [LoggerMessage(2208, LogLevel.Warning, "redis streams: cannot look for messages of stream {Topic} that group {Group} left pending; the next look is in {Interval}")]
    public static partial void ClaimFailed(ILogger logger, Exception exception, string topic, string group, TimeSpan interval);

    [LoggerMessage(2209, LogLevel.Warning, "redis streams: message {Id} of stream {Topic} has metadata that cannot be read; it is delivered without")]
    public static partial void MetadataUnreadable(ILogger logger, Exception exception, string topic, string id);

    [LoggerMessage(2210, LogLevel.Warning, "redis streams: cannot give back {Count} unhandled messages of stream {Topic} for group {Group}; others take them over after the processing timeout")]
    public static partial void GiveBackFailed(ILogger logger, Exception exception, string topic, string group, int count);

}
