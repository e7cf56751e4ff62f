namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Paths of an HTTP app.</summary>
internal static class HttpRoutes
{
    /// <summary>A route may be written without its slash.</summary>
    public static string PathOf(string route) => route.StartsWith('/') ? route : "/" + route;
}
