using System.Globalization;

namespace RealTimeMesh.Components;

/// <summary>gRPC status codes by the names that Go prints.</summary>
public static class GrpcCodes
{
    private static readonly string[] Names =
    [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
        "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ];

    /// <summary>Such as <c>Unavailable</c> for 14; <c>Code(99)</c> for one that does not exist.</summary>
    public static string NameOf(int code) =>
        code >= 0 && code < Names.Length ? Names[code] : string.Create(CultureInfo.InvariantCulture, $"Code({code})");
}
