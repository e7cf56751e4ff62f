using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>The errors of state, with Dapr's codes, texts and statuses.</summary>
internal static class StateErrors
{
    public static ApiError NotConfigured(string store, string appId) =>
        Rich(StatusCodes.Status500InternalServerError, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED", $"state store {store} is not configured", "DAPR_STATE_NOT_CONFIGURED", store) with
        {
            Metadata = new Dictionary<string, string> { ["appID"] = appId },
        };

    public static ApiError NotFound(string store, string appId) =>
        Rich(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_STATE_STORE_NOT_FOUND", $"state store {store} is not found", "DAPR_STATE_NOT_FOUND", store) with
        {
            Metadata = new Dictionary<string, string> { ["appID"] = appId },
        };

    public static ApiError IllegalKey(string store, string key, string text) =>
        Rich(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", text, "DAPR_STATE_ILLEGAL_KEY", store) with
        {
            Violation = new ErrorViolation(key, text),
        };

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

    public static ApiError Malformed(string cause) =>
        new(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", cause);

    public static ApiError EmptyKey() =>
        new(StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "ERR_STATE_SAVE", "state key cannot be empty");

    public static ApiError Get(string store, string key, string cause) =>
        new(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_GET", $"fail to get {key} from state store {store}: {cause}");

    public static ApiError BulkGet(string cause) =>
        new(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_BULK_GET", cause);

    public static ApiError Save(string store, string cause) =>
        new(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_SAVE", $"failed saving state in state store {store}: {cause}");

    public static ApiError Delete(string key, string cause) =>
        new(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_DELETE", $"failed deleting state with key {key}: {cause}");

    public static ApiError BulkDelete(string store, string cause) =>
        new(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_BULK_DELETE", $"failed deleting state in state store {store}: {cause}");

    public static ApiError UnknownOperation(string operation) =>
        new(StatusCodes.Status400BadRequest, StatusCode.Unimplemented, "ERR_NOT_SUPPORTED_STATE_OPERATION", $"operation type {operation} not supported");

    public static ApiError Transaction(string cause) =>
        new(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_STATE_TRANSACTION", $"error while executing state transaction: {cause}");

    private static ApiError Rich(int http, StatusCode grpc, string code, string message, string reason, string store) =>
        new(http, grpc, code, message) { Reason = reason, Resource = new ErrorResource("state", store, "") };
}
