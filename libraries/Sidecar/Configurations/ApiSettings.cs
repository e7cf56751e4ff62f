namespace RealTimeMesh.Sidecar.Configurations;

/// <summary><c>spec.logging.apiLogging</c></summary>
public sealed record ApiLoggingSettings
{
    /// <summary><c>enabled</c>: where <c>--enable-api-logging</c> is not given.</summary>
    public bool Enabled { get; init; }

    /// <summary><c>obfuscateURLs</c>: log the name of the API rather than the path.</summary>
    public bool ObfuscateUrls { get; init; }

    /// <summary><c>omitHealthChecks</c></summary>
    public bool OmitHealthChecks { get; init; }
}

/// <summary>An element of <c>spec.api.allowed</c> or <c>denied</c>.</summary>
/// <param name="Name">Such as <c>state</c>.</param>
/// <param name="Version">Such as <c>v1.0</c> (HTTP) or <c>v1</c> (gRPC).</param>
/// <param name="Protocol"><c>http</c> or <c>grpc</c>.</param>
public sealed record ApiAccessRule(string Name, string Version, string Protocol);

/// <summary><c>spec.nameResolution</c></summary>
/// <param name="Component">Such as <c>sqlite</c>; empty for the default.</param>
/// <param name="Version">Empty for the default.</param>
/// <param name="Settings"><c>configuration</c>: the scalars of that map.</param>
public sealed record NameResolutionSettings(string Component, string Version, IReadOnlyDictionary<string, string> Settings);
