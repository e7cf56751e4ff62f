namespace RealTimeMesh.Sidecar.App;

/// <summary>Whether the app is healthy, and where it is not, why.</summary>
internal sealed record AppStatus(bool IsHealthy, string? Reason = null)
{
    public static AppStatus Healthy { get; } = new(true);
}
