using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>
/// A component refused a call with a gRPC status of its own, which the sidecar passes on to the caller. The message is what daprd
/// prints for it: <c>rpc error: code = X desc = Y</c>, or <c>api error: …</c> where the component chose an HTTP status too.
/// </summary>
public sealed class ComponentCallException(int grpcCode, string description, ComponentCallDetails? details = null, Exception? innerException = null)
    : RealTimeMeshException($"{(details is null ? "rpc" : "api")} error: code = {GrpcCodes.NameOf(grpcCode)} desc = {description}", innerException)
{
    /// <summary>The gRPC status code, 0 to 16.</summary>
    public int GrpcCode { get; } = grpcCode;

    /// <summary>The component's own text, without the code.</summary>
    public string Description { get; } = description;

    /// <summary>What the component said beyond code and text; null where it said nothing.</summary>
    public ComponentCallDetails? Details { get; } = details;
}

/// <summary>What a component may add to a gRPC status so that HTTP callers see more than a 500.</summary>
/// <param name="HttpStatus">HTTP status code of the answer.</param>
/// <param name="Tag">Error code of the answer, such as <c>ERR_STATE_GET</c>, where the API has none of its own.</param>
/// <param name="Domain">Domain of the ErrorInfo.</param>
/// <param name="Reason">Reason of the ErrorInfo.</param>
public sealed record ComponentCallDetails(int HttpStatus, string Tag, string Domain, string Reason);
