using Grpc.Core;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>
/// An error as both APIs tell it. With a <see cref="Reason"/> it takes Dapr's rich shape (google.rpc details), without
/// one the plain shape of code and message.
/// </summary>
internal sealed record ApiError(int HttpStatus, StatusCode GrpcStatus, string Code, string Message)
{
    public string? Reason { get; init; }

    /// <summary>Domain of the details.</summary>
    public string Domain { get; init; } = "dapr.io";

    /// <summary>Reason of the details over gRPC, where HTTP has none.</summary>
    public string? GrpcReason { get; init; }

    /// <summary>The error gRPC callers get instead, where it differs in more than its shape.</summary>
    public ApiError? OverGrpc { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public ErrorResource? Resource { get; init; }

    public ErrorViolation? Violation { get; init; }

    public ErrorHelp? Help { get; init; }
}

internal sealed record ErrorResource(string Type, string Name, string Description);

internal sealed record ErrorViolation(string Field, string Description);

internal sealed record ErrorHelp(string Url, string Description);
