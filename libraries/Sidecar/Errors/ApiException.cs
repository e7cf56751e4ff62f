using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>Ends a request with an error of the API; turned into a response at the edge of HTTP and gRPC.</summary>
internal sealed class ApiException(ApiError error, Exception? innerException = null) : RealTimeMeshException(error.Message, innerException)
{
    public ApiError Error { get; } = error;
}
