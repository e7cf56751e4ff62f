using System.Globalization;
using Grpc.Core;
using RealTimeMesh.Ingestion.Publishing;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>Why calls end, as gRPC says it.</summary>
internal static class CallFaults
{
    public static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));

    public static RpcException Unavailable(string message, TimeSpan retryAfter) => new(new Status(StatusCode.Unavailable, message), Later(retryAfter));

    /// <summary>Events that were not stored, or not known to be.</summary>
    public static RpcException NotStored(PublishStatus status, string? error, TimeSpan retryAfter) => status == PublishStatus.Overloaded
        ? new RpcException(new Status(StatusCode.ResourceExhausted, $"the log can't keep up: what is not acknowledged is not stored. Send it again later. ({error})"), Later(retryAfter))
        : new RpcException(new Status(StatusCode.Unavailable, status == PublishStatus.Unknown
            ? $"the log did not confirm what is not acknowledged: each event may be stored or not. ({error})"
            : $"the log could not store what is not acknowledged. Send it again. ({error})"), Later(retryAfter));

    /// <summary>What gRPC clients with a retry policy go by.</summary>
    private static Metadata Later(TimeSpan retryAfter) => new() { { "grpc-retry-pushback-ms", ((long)retryAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) } };
}
