using Grpc.Core;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>
/// An error as both APIs tell it. With a <see cref="Reason"/> it takes Dapr's rich shape (google.rpc details), without
/// one the plain shape of code and message.
/// </summary>
internal sealed record ApiError(int HttpStatus, StatusCode GrpcStatus, string Code, string Message)
{
    public string? Reason { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public ErrorResource? Resource { get; init; }

    public ErrorViolation? Violation { get; init; }

    public ErrorHelp? Help { get; init; }
}

internal sealed record ErrorResource(string Type, string Name, string Description);

internal sealed record ErrorViolation(string Field, string Description);

internal sealed record ErrorHelp(string Url, string Description);
