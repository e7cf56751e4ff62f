namespace RealTimeMesh.Contracts;

/// <summary>Settings of <see cref="SchemaRegistryClient"/>.</summary>
public sealed record SchemaRegistryOptions
{
    /// <summary>Base address of the registry, such as <c>http://127.0.0.1:8081</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>How long a call may take with its retries. Default 30 s: a registry that restarts is waited for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
