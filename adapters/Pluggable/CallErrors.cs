using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RealTimeMesh.Components;

namespace RealTimeMesh.Pluggable;

/// <summary>What a component's errors mean.</summary>
internal static class CallErrors
{
    private const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>The error for callers of the component: cancellation where they asked for it, else the component's code and text.</summary>
    public static Exception Convert(RpcException error, string socket, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return new OperationCanceledException(error.Status.Detail, error, cancellationToken);
        if (IsConnectFailure(error))
            return new ComponentCallException((int)StatusCode.Unavailable, UnixSocketHandler.Describe(socket), null, error);
        return new ComponentCallException((int)error.StatusCode, error.Status.Detail, Chosen(error), error);
    }

    /// <summary>True where the call did not reach the component.</summary>
    public static bool IsConnectFailure(RpcException error) => error.StatusCode == Grpc.Core.StatusCode.Unavailable && error.Status.DebugException is HttpRequestException;

    /// <summary>The outcome where the error is about an ETag, told by one violation of the field <c>etag</c>; null for any other error.</summary>
    public static StateWrite? ETagOutcome(RpcException error, string? key)
    {
        var outcome = error.StatusCode switch
        {
            Grpc.Core.StatusCode.FailedPrecondition => StateWriteOutcome.ETagMismatch,
            Grpc.Core.StatusCode.InvalidArgument => StateWriteOutcome.ETagInvalid,
            _ => StateWriteOutcome.Applied,
        };
        if (outcome == StateWriteOutcome.Applied || Single<BadRequest>(error) is not { FieldViolations: [{ Field: "etag" } violation] })
            return null;
        return new StateWrite(outcome, key) { Detail = violation.Description };
    }

    /// <summary>The text where a bulk deletion hit fewer rows than it should; null for any other error.</summary>
    public static string? RowMismatch(RpcException error) =>
        error.StatusCode == Grpc.Core.StatusCode.Internal && Single<ErrorInfo>(error) is { } info
        && info.Metadata.TryGetValue("expected", out var expected) && info.Metadata.TryGetValue("affected", out var affected)
            ? $"delete affected only {affected} rows, expected {expected}"
            : null;

    // The HTTP status and names that a component may choose for HTTP callers.
    private static ComponentCallDetails? Chosen(RpcException error) =>
        Single<ErrorInfo>(error) is { } info
        && info.Metadata.TryGetValue("kit_error", out var marked) && marked == "true"
        && info.Metadata.TryGetValue("http_code", out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var status)
            ? new ComponentCallDetails(status, info.Metadata.TryGetValue("tag", out var tag) ? tag : "", info.Domain, info.Reason)
            : null;

    private static T? Single<T>(RpcException error)
        where T : class, IMessage, new()
    {
        if (error.Trailers.GetValueBytes(DetailsTrailer) is not { } bytes)
            return null;
        try
        {
            return Google.Rpc.Status.Parser.ParseFrom(bytes).Details is [var only] && only.TryUnpack<T>(out var detail) ? detail : null;
        }
        catch (InvalidProtocolBufferException)
        {
            // Details that cannot be read are none: code and text still stand.
            return null;
        }
    }
}
