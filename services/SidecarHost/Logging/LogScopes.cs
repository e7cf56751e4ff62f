namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>daprd's scopes for our log categories.</summary>
internal static class LogScopes
{
    // The longest prefix comes first.
    private static readonly (string Prefix, string Scope)[] Scopes =
    [
        ("dapr.", ""),
        ("pluggable-components", ""),
        ("RealTimeMesh.Sidecar.Resources.ResourceReloader", "dapr.runtime.hotreload"),
        ("RealTimeMesh.Sidecar.Resources.ResourceWatcher", "dapr.runtime.hotreload"),
        ("RealTimeMesh.Sidecar.Resources", "dapr.runtime.processor"),
        ("RealTimeMesh.Sidecar.Resiliency", "dapr.runtime"),
        ("RealTimeMesh.Sidecar.Subscriptions", "dapr.runtime.processor.subscription"),
        ("RealTimeMesh.Sidecar.Invocation", "dapr.runtime.direct_messaging"),
        ("RealTimeMesh.Sidecar.Http", "dapr.runtime.http"),
        ("RealTimeMesh.Sidecar.Server", "dapr.runtime.http"),
        ("RealTimeMesh.Sidecar.Metadata", "dapr.api"),
        ("RealTimeMesh.Sidecar.Health", "dapr.api"),
        ("RealTimeMesh.Sidecar.Secrets", "dapr.api"),
        ("RealTimeMesh.Sidecar.State", "dapr.api"),
        ("RealTimeMesh.Sidecar", "dapr.runtime"),
        ("RealTimeMesh", "dapr.contrib"),
        ("Grpc.", "dapr.runtime.grpc.api"),
        ("Microsoft.", "dapr.runtime.http"),
    ];

    /// <summary>The scope of a category; a category that is a scope stays.</summary>
    public static string Of(string category)
    {
        foreach (var (prefix, scope) in Scopes)
        {
            if (category.StartsWith(prefix, StringComparison.Ordinal))
                return scope.Length == 0 ? category : scope;
        }

        return "dapr.runtime";
    }
}
