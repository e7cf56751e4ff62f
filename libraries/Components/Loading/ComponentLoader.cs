namespace RealTimeMesh.Components;

/// <summary>Reads Dapr resource files.</summary>
public static class ComponentLoader
{
    /// <summary>
    /// Reads files and folders (their <c>*.yaml</c> and <c>*.yml</c>, sorted by name, as daprd's resources path) strictly:
    /// collects every fault of every file instead of stopping at the first.
    /// </summary>
    /// <param name="paths">Files or folders.</param>
    /// <param name="environment">Values for <c>envRef</c> and <c>secretKeyRef</c> by name; null where there is none. Default: none at all.</param>
    public static ComponentLoadResult Load(IEnumerable<string> paths, Func<string, string?>? environment = null) =>
        Load(paths, environment is null ? new LoadOptions() : new LoadOptions { Environment = environment });

    /// <summary>Reads resource files as the options say.</summary>
    public static ComponentLoadResult Load(IEnumerable<string> paths, LoadOptions options) =>
        options.Strict ? StrictLoader.Load(paths, options) : ResourcePaths.Load(paths, options);
}
