using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.Secrets;

/// <summary>The errors of secrets, with Dapr's codes, texts and statuses.</summary>
internal static class SecretErrors
{
    public static ApiException NotConfigured() =>
        new(new ApiError(StatusCodes.Status500InternalServerError, StatusCode.FailedPrecondition, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured"));

    public static ApiException NotFound(string store) =>
        new(new ApiError(StatusCodes.Status401Unauthorized, StatusCode.InvalidArgument, "ERR_SECRET_STORE_NOT_FOUND", $"failed finding secret store with key {store}"));

    public static ApiException Denied(string store, string secret) =>
        new(new ApiError(StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, "ERR_PERMISSION_DENIED", $"access denied by policy to get \"{secret}\" from \"{store}\""));

    public static ApiException GetFailed(string store, string secret, string cause) =>
        new(new ApiError(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_SECRET_GET", $"failed getting secret with key {secret} from secret store {store}: {cause}"));

    public static ApiException BulkFailed(string store, string cause) =>
        new(new ApiError(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_SECRET_GET", $"failed getting secrets from secret store {store}: {cause}"));
}
