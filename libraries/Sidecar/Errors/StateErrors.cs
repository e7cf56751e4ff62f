using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>The errors of state, with Dapr's codes, texts and statuses.</summary>
internal static class StateErrors
{
    public static ApiError NotConfigured(string store, string appId) => Store(
        StatusCodes.Status500InternalServerError, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED", $"state store {store} is not configured", "DAPR_STATE_NOT_CONFIGURED", appId);

    public static ApiError NotFound(string store, string appId) => Store(
        StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_STATE_STORE_NOT_FOUND", $"state store {store} is not found", "DAPR_STATE_NOT_FOUND", appId);

    /// <summary>Over HTTP daprd wraps the error of gRPC once more.</summary>
    /// <param name="key">As the details name it.</param>
    public static ApiError IllegalKey(string store, string key, string text)
    {
        var plain = Rich(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", text, "DAPR_STATE_ILLEGAL_KEY", store);
        var wrapped = $"api error: code = InvalidArgument desc = {text}";
        return plain with { Message = wrapped, Violation = new ErrorViolation(key, wrapped), OverGrpc = plain with { Violation = new ErrorViolation(key, text) } };
    }

    public static ApiError TransactionsNotSupported(string store) =>
        Rich(StatusCodes.Status500InternalServerError, StatusCode.Unimplemented, "ERR_STATE_STORE_NOT_SUPPORTED", $"state store {store} doesn't support transactions", "DAPR_STATE_TRANSACTIONS_NOT_SUPPORTED", store) with
        {
            Help = new ErrorHelp("https://docs.dapr.io/reference/components-reference/supported-state-stores/", "Check the list of state stores and the features they support"),
        };

    public static ApiError TooManyOperations(string store, int count, int max) =>
        Rich(
            StatusCodes.Status400BadRequest,
            StatusCode.InvalidArgument,
            "ERR_STATE_STORE_TOO_MANY_TRANSACTIONS",
            $"the transaction contains {count} operations, which is more than what the state store supports: {max}",
            "DAPR_STATE_TOO_MANY_TRANSACTIONS",
            store) with
        {
            Metadata = new Dictionary<string, string> { ["currentOpsTransaction"] = $"{count}", ["maxOpsPerTransaction"] = $"{max}" },
        };

    public static ApiError QueryNotSupported(string store) =>
        Rich(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_STORE_NOT_SUPPORTED", "state store does not support querying", "DAPR_STATE_QUERYING_NOT_SUPPORTED", store);

    public static ApiError QueryFailed(string store, string cause) =>
        Rich(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_QUERY", $"state store {store} query failed: {cause}", "DAPR_STATE_QUERY_FAILED", store);

    public static ApiError Malformed(string cause) =>
        new(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", cause);

    public static ApiError EmptyKey() => Plain(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_STATE_SAVE", "state key cannot be empty");

    public static ApiError Get(string store, string key, string cause) => Plain("ERR_STATE_GET", $"fail to get {key} from state store {store}: {cause}");

    /// <summary>Over gRPC daprd passes the store's own error on.</summary>
    public static ApiError BulkGet(string cause) => Plain("ERR_STATE_BULK_GET", cause) with { GrpcStatus = StatusCode.Unknown, GrpcReason = null };

    public static ApiError Save(string store, string cause) => Plain("ERR_STATE_SAVE", $"failed saving state in state store {store}: {cause}");

    public static ApiError Delete(string key, string cause) => Plain("ERR_STATE_DELETE", $"failed deleting state with key {key}: {cause}");

    public static ApiError BulkDelete(string store, string cause) => Plain("ERR_STATE_BULK_DELETE", $"failed deleting state in state store {store}: {cause}");

    public static ApiError UnknownOperation(string operation) =>
        Plain(StatusCodes.Status400BadRequest, StatusCode.Unimplemented, "ERR_NOT_SUPPORTED_STATE_OPERATION", $"operation type {operation} not supported");

    public static ApiError Transaction(string cause) => Plain("ERR_STATE_TRANSACTION", $"error while executing state transaction: {cause}");

    /// <summary>The error of a failed call: where a component chose its own status, both APIs pass it on.</summary>
    /// <param name="error">The error of the operation, made from the cause's text.</param>
    public static ApiError Of(Exception cause, Func<string, ApiError> error)
    {
        var failed = error(cause.Message);
        return cause is ComponentCallException { Details: { } details } call
            ? failed with { HttpStatus = details.HttpStatus, OverGrpc = Own(call, details) }
            : failed;
    }

    /// <summary>A component's error as it stands.</summary>
    public static ApiError Own(ComponentCallException call, ComponentCallDetails details) =>
        new(details.HttpStatus, (StatusCode)call.GrpcCode, details.Tag.Length > 0 ? details.Tag : details.Reason, call.Description) { Reason = details.Reason, Domain = details.Domain };

    private static ApiError Plain(string code, string message) => Plain(StatusCodes.Status500InternalServerError, StatusCode.Internal, code, message);

    private static ApiError Plain(int http, StatusCode grpc, string code, string message) => new(http, grpc, code, message) { GrpcReason = code };

    private static ApiError Store(int http, StatusCode grpc, string code, string message, string reason, string appId)
    {
        var error = new ApiError(http, grpc, code, message) { Reason = reason };
        return error with { Metadata = new Dictionary<string, string> { ["appID"] = appId }, OverGrpc = error };
    }

    private static ApiError Rich(int http, StatusCode grpc, string code, string message, string reason, string store) =>
        new(http, grpc, code, message) { Reason = reason, Resource = new ErrorResource("state", store, "") };
}
