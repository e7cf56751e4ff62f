namespace RealTimeMesh.Contracts;

/// <summary>Settings of <see cref="SchemaRegistryClient"/>.</summary>
public sealed record SchemaRegistryOptions
{
    /// <summary>Base address of the registry, such as <c>http://127.0.0.1:8081</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>Further addresses of the same registry, tried in turn where one does not answer.</summary>
    public IReadOnlyList<Uri> OtherUrls { get; init; } = [];

    /// <summary>Sent with every call; null for none.</summary>
    public RegistryCredentials? Credentials { get; init; }

    /// <summary>How long a call may take with its retries. Default 30 s: a registry that restarts is waited for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a call may take once a call has found no registry, until one answers again, and where the folder of
    /// <see cref="CachePath"/> can stand in. Default 2 s: every batch with a new schema would otherwise wait for <see cref="Timeout"/>.
    /// </summary>
    public TimeSpan OutageTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Folder in which ids and schemas are kept for a process that starts while the registry is out; null for none. It is
    /// asked only then. Several processes may share it.
    /// </summary>
    public string? CachePath { get; init; }

    /// <summary>Told of files of <see cref="CachePath"/> that cannot be read or written; work goes on without them.</summary>
    public Action<string, Exception>? OnCacheFault { get; init; }
}
