namespace RealTimeMesh.Pluggable;

/// <summary>How pluggable components are found and called.</summary>
public sealed record PluggableOptions
{
    /// <summary>The variable that names the sockets folder.</summary>
    public const string FolderVariable = "DAPR_COMPONENTS_SOCKETS_FOLDER";

    /// <summary>Folder whose sockets are components. Default: daprd's.</summary>
    public string SocketsFolder { get; init; } = "/tmp/dapr-components-sockets";

    /// <summary>How long a socket may take to say which services it has. daprd waits for ever; a dead socket must not keep the sidecar from starting. Default 5 s.</summary>
    public TimeSpan DiscoveryTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First pause before a lost component is tried again; doubled each time. Default 50 ms.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest such pause. Default 2 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the component may take to end a stream after the last acknowledgement was sent. Default 1 s.</summary>
    public TimeSpan StreamEndTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Largest message from a component, bytes. Default 64 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>The folder that the environment names, or daprd's default.</summary>
    public static PluggableOptions FromEnvironment(Func<string, string?> environment) =>
        environment(FolderVariable) is { Length: > 0 } folder ? new PluggableOptions { SocketsFolder = folder } : new PluggableOptions();
}
