using Dapr.AppCallback.Autogen.Grpc.v1;
using Grpc.Core;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What the answers of gRPC subscribers mean.</summary>
internal static class AppAnswers
{
    public static DeliveryOutcome Outcome(Status status, string id) => status switch
    {
        Status.Success => DeliveryOutcome.Success,
        Status.Retry => new DeliveryOutcome(Verdict.Retry, $"RETRY status returned from app while processing pub/sub event {id}"),
        Status.Drop => new DeliveryOutcome(Verdict.Drop, $"DROP status returned from app while processing pub/sub event {id}"),
        _ => new DeliveryOutcome(Verdict.Retry, $"unknown status returned from app while processing pub/sub event {id}, status: {(int)status}"),
    };

    public static DeliveryOutcome Failure(RpcException exception, string id) => exception.StatusCode == StatusCode.Unimplemented
        ? new DeliveryOutcome(Verdict.Ignore, $"non-retriable error returned from app while processing pub/sub event {id}: {exception.Status.Detail}")
        : new DeliveryOutcome(
            Verdict.Retry,
            $"error returned from app while processing pub/sub event {id}: {exception.StatusCode}: {exception.Status.Detail}",
            (int)exception.StatusCode,
            IsUnreachable: exception.StatusCode == StatusCode.Unavailable);

    public static EntryStatus EntryStatusOf(Status status) => status switch
    {
        Status.Success => EntryStatus.Success,
        Status.Retry => EntryStatus.Retry,
        Status.Drop => EntryStatus.Drop,
        _ => EntryStatus.Unknown,
    };
}
