namespace RealTimeMesh.Components;

/// <summary>A <c>kind: Component</c> document (dapr.io/v1alpha1).</summary>
public sealed record ComponentSpec
{
    public required string Name { get; init; }

    /// <summary>Such as <c>pubsub.rocksdb</c>.</summary>
    public required string Type { get; init; }

    public string Version { get; init; } = "v1";

    /// <summary>Settings by name, compared without case as daprd does.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>App ids that see the component; empty for all.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>File and 1-based line of the document, for errors.</summary>
    public string File { get; init; } = "";

    public int Line { get; init; }

    /// <summary>1-based line of each setting.</summary>
    public IReadOnlyDictionary<string, int> MetadataLines { get; init; } = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
}
