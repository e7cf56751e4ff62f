namespace RealTimeMesh.AppHost.Topology;

/// <summary>A Dapr multi-app run file, version 1.</summary>
/// <param name="ResourcesPath"><c>common.resourcesPath</c>, absolute; null where it is not given.</param>
internal sealed record RunFile(string Path, string? ResourcesPath, IReadOnlyList<RunApp> Apps);

/// <summary>One entry of <c>apps</c>.</summary>
internal sealed record RunApp
{
    public required string AppId { get; init; }

    /// <summary>Absolute path of the app's folder.</summary>
    public required string Directory { get; init; }

    public int AppPort { get; init; }

    public int DaprHttpPort { get; init; }

    public int DaprGrpcPort { get; init; }

    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>1-based line of the entry.</summary>
    public int Line { get; init; }
}
