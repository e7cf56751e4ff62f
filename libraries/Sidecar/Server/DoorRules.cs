using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>Which requests a port takes.</summary>
internal static class DoorRules
{
    /// <summary>False where the request does not belong to its port; the answer is 404 then.</summary>
    public static bool Admit(SidecarDoor door, HttpContext context)
    {
        var path = context.Request.Path;
        switch (door)
        {
            case SidecarDoor.Public when !IsPublic(path):
            case SidecarDoor.Profile when !path.StartsWithSegments("/debug", StringComparison.Ordinal):
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return false;
            case SidecarDoor.Metrics:
                // As daprd: every path of this port gives the metrics.
                context.Request.Path = "/metrics";
                return true;
            default:
                return true;
        }
    }

    private static bool IsPublic(PathString path) =>
        path.Equals("/v1.0/metadata", StringComparison.Ordinal) || path.Equals("/v1.0/healthz", StringComparison.Ordinal) || path.Equals("/v1.0/healthz/outbound", StringComparison.Ordinal);
}
