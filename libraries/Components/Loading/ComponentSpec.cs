namespace RealTimeMesh.Components;

/// <summary>A <c>kind: Component</c> document (dapr.io/v1alpha1).</summary>
public sealed record ComponentSpec
{
    /// <summary>daprd's time for a component to start where its document names none: 5 s.</summary>
    public static TimeSpan DefaultInitTimeout { get; } = TimeSpan.FromSeconds(5);

    public required string Name { get; init; }

    /// <summary>Such as <c>pubsub.rocksdb</c>.</summary>
    public required string Type { get; init; }

    public string Version { get; init; } = "v1";

    /// <summary>True where the document has no version; <see cref="Version"/> is v1 then.</summary>
    public bool VersionOmitted { get; init; }

    /// <summary>The document's namespace; empty where it has none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Settings by name, compared without case as daprd does. Those whose reference is not resolved yet are absent.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The settings as written, with references to secrets and environment variables. Empty where they were resolved on reading.</summary>
    public IReadOnlyList<ResourceSetting> Settings { get; init; } = [];

    /// <summary>The component that holds the secrets the settings refer to (<c>auth.secretStore</c>); empty for none.</summary>
    public string SecretStore { get; init; } = "";

    /// <summary>The process goes on where the component cannot be started.</summary>
    public bool IgnoreErrors { get; init; }

    /// <summary>How long the component may take to start.</summary>
    public TimeSpan InitTimeout { get; init; } = DefaultInitTimeout;

    /// <summary>App ids that see the component; empty for all.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>File and 1-based line of the document, for errors.</summary>
    public string File { get; init; } = "";

    public int Line { get; init; }

    /// <summary>1-based line of each setting.</summary>
    public IReadOnlyDictionary<string, int> MetadataLines { get; init; } = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The component as daprd's log and errors name it: <c>name (type/version)</c>.</summary>
    public string LogName => LogNameOf(Name, Type, VersionOmitted ? "" : Version);

    internal static string LogNameOf(string name, string type, string version) => version.Length == 0 ? $"{name} ({type})" : $"{name} ({type}/{version})";

    /// <summary>The values of settings by name; the last of a repeated name counts.</summary>
    internal static Dictionary<string, string> ValuesOf(IEnumerable<ResourceSetting> settings)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in settings.Where(setting => setting.Value is not null))
            values[setting.Name] = setting.Value!;
        return values;
    }
}
