using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>The errors of publish, with Dapr's codes, texts and statuses.</summary>
internal static class PubSubErrors
{
    /// <param name="metadata">The request's, told in the details; null tells none.</param>
    public static ApiError NotFound(string pubsub, IReadOnlyDictionary<string, string>? metadata = null) =>
        new(StatusCodes.Status404NotFound, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND", $"pubsub {pubsub} is not found")
        {
            Reason = "DAPR_PUBSUB_NOT_FOUND",
            Metadata = metadata,
        };

    public static ApiError NameEmpty(IReadOnlyDictionary<string, string>? metadata) =>
        Rich(StatusCodes.Status404NotFound, StatusCode.InvalidArgument, "ERR_PUBSUB_EMPTY", "pubsub name is empty", "DAPR_PUBSUB_NAME_EMPTY", "", metadata);

    public static ApiError TopicEmpty(string pubsub, IReadOnlyDictionary<string, string>? metadata) =>
        Rich(StatusCodes.Status404NotFound, StatusCode.InvalidArgument, "ERR_TOPIC_NAME_EMPTY", $"topic is empty in pubsub {pubsub}", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", pubsub, metadata);

    public static ApiError RawPayloadNotBoolean(string pubsub, string found, IReadOnlyDictionary<string, string>? metadata) =>
        Rich(
            StatusCodes.Status400BadRequest,
            StatusCode.InvalidArgument,
            "ERR_PUBSUB_REQUEST_METADATA",
            $"failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is '{found}'",
            "DAPR_PUBSUB_METADATA_DESERIALIZATION",
            pubsub,
            metadata);

    public static ApiError CloudEventCreation(string pubsub, string appId, string cause) =>
        Rich(
            StatusCodes.Status500InternalServerError,
            StatusCode.InvalidArgument,
            "ERR_PUBSUB_CLOUD_EVENTS_SER",
            "cannot create cloudevent",
            "DAPR_PUBSUB_CLOUD_EVENT_CREATION",
            pubsub,
            App(appId, cause));

    public static ApiError MarshalEnvelope(string pubsub, string topic, string appId, string cause) =>
        Rich(
            StatusCodes.Status400BadRequest,
            StatusCode.InvalidArgument,
            "ERR_PUBSUB_EVENTS_SER",
            $"error when marshalling cloud event envelope for topic {topic} pubsub {pubsub}: {cause}",
            "DAPR_PUBSUB_MARSHAL_ENVELOPE",
            pubsub,
            App(appId, cause));

    public static ApiError EntryIds(string pubsub, string topic, string appId)
    {
        const string Cause = "entryId is duplicated or not present for entry";
        return Rich(
            StatusCodes.Status400BadRequest,
            StatusCode.InvalidArgument,
            "ERR_PUBSUB_EVENTS_SER",
            $"error marshaling events to bytes for topic {topic} pubsub {pubsub}. error: {Cause}",
            "DAPR_PUBSUB_MARSHAL_EVENTS",
            pubsub,
            App(appId, Cause));
    }

    /// <summary>Dapr tells the cause in the text only.</summary>
    public static ApiError UnmarshalEvents(string pubsub, string topic, string appId, string cause) =>
        Rich(
            StatusCodes.Status400BadRequest,
            StatusCode.InvalidArgument,
            "ERR_PUBSUB_EVENTS_SER",
            $"error when unmarshaling the request for topic {topic} pubsub {pubsub}: {cause}",
            "DAPR_PUBSUB_UNMARSHAL_EVENTS",
            pubsub,
            new Dictionary<string, string> { ["appID"] = appId });

    public static ApiError PublishFailed(string pubsub, string topic, string cause) =>
        Rich(
            StatusCodes.Status500InternalServerError,
            StatusCode.Internal,
            "ERR_PUBSUB_PUBLISH_MESSAGE",
            $"error when publishing to topic {topic} in pubsub {pubsub}: {cause}",
            "DAPR_PUBSUB_PUBLISH_MESSAGE",
            pubsub,
            Topic(topic, cause));

    public static ApiError Forbidden(string pubsub, string topic, string appId)
    {
        var text = $"topic {topic} is not allowed for app id {appId}";
        return Rich(StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN", text, "DAPR_PUBSUB_FORBIDDEN", pubsub, Topic(topic, text));
    }

    /// <summary>Not one of Dapr's: our brokers are bounded, and a publisher should know that trying again later helps.</summary>
    public static ApiError Overloaded(string pubsub, string topic, string cause) =>
        PublishFailed(pubsub, topic, cause) with { HttpStatus = StatusCodes.Status429TooManyRequests, GrpcStatus = StatusCode.ResourceExhausted };

    /// <summary>The outbox could not publish inside a state transaction.</summary>
    public static ApiError Outbox(string appId, string cause) =>
        new(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_PUBLISH_OUTBOX", $"error while publishing outbox message: {cause}")
        {
            Reason = "DAPR_PUBSUB_OUTBOX",
            Metadata = App(appId, cause),
        };

    private static Dictionary<string, string> App(string appId, string cause) => new() { ["appID"] = appId, ["error"] = cause };

    private static Dictionary<string, string> Topic(string topic, string cause) => new() { ["topic"] = topic, ["error"] = cause };

    private static ApiError Rich(int http, StatusCode grpc, string code, string message, string reason, string pubsub, IReadOnlyDictionary<string, string>? metadata) =>
        new(http, grpc, code, message)
        {
            Reason = reason,
            Resource = new ErrorResource("pubsub", pubsub, message),
            Metadata = metadata,
        };
}
