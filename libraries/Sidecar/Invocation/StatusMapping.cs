using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RpcMetadata = Grpc.Core.Metadata;
using RpcStatus = Google.Rpc.Status;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>HTTP statuses as gRPC statuses and back, as daprd maps them.</summary>
internal static class StatusMapping
{
    /// <summary>google.rpc.ErrorInfo allows so many characters in a value.</summary>
    private const int MaxDetail = 63;

    public static int ToHttp(StatusCode status) => status switch
    {
        StatusCode.OK => 200,
        StatusCode.Cancelled => 408,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.DeadlineExceeded => 504,
        StatusCode.NotFound => 404,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.PermissionDenied => 403,
        StatusCode.Unauthenticated => 401,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        _ => 500,
    };

    public static StatusCode FromHttp(int status) => status switch
    {
        >= 200 and < 300 => StatusCode.OK,
        408 => StatusCode.Cancelled,
        400 => StatusCode.Internal,
        504 => StatusCode.DeadlineExceeded,
        404 => StatusCode.NotFound,
        409 => StatusCode.AlreadyExists,
        403 => StatusCode.PermissionDenied,
        401 => StatusCode.Unauthenticated,
        429 => StatusCode.ResourceExhausted,
        501 => StatusCode.Unimplemented,
        503 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>An HTTP app's error for a gRPC caller; null for a success.</summary>
    public static RpcException? Error(int httpStatus, string detail)
    {
        var status = FromHttp(httpStatus);
        if (status == StatusCode.OK)
            return null;
        var text = GoText.StatusText(httpStatus);
        var info = new ErrorInfo
        {
            Reason = text,
            Domain = "dapr.io",
            Metadata = { ["http.code"] = $"{httpStatus}", ["http.error_message"] = detail.Length > MaxDetail ? detail[..MaxDetail] : detail },
        };
        return Error(status, text, [Any.Pack(info)]);
    }

    /// <summary>A status with its details.</summary>
    public static RpcException Error(StatusCode status, string message, IEnumerable<Any> details)
    {
        var trailers = new RpcMetadata();
        var full = new RpcStatus { Code = (int)status, Message = message, Details = { details } };
        if (full.Details.Count > 0)
            trailers.Add("grpc-status-details-bin", full.ToByteArray());
        return new RpcException(new global::Grpc.Core.Status(status, message), trailers);
    }
}
