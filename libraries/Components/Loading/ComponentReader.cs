namespace RealTimeMesh.Components;

/// <summary>Reads a component document daprd's way: unknown fields are ignored, references stay to be resolved.</summary>
internal static class ComponentReader
{
    public const string Kind = "Component";
    public const string ApiVersion = "dapr.io/v1alpha1";

    /// <summary>Throws <see cref="ResourceFormatException"/> where a field holds another kind of value than it must.</summary>
    public static ComponentSpec Read(ResourceDocument document)
    {
        var spec = Map(document.Root, "spec", "Component.spec", "v1alpha1.ComponentSpec");
        var auth = Map(document.Root, "auth", "Component.auth", "v1alpha1.Auth");
        var settings = ResourceSetting.ReadList(spec, "metadata", "Component.spec.metadata");
        var version = ResourceFile.Text(spec, "version", "Component.spec.version");
        var ignoreErrors = spec?.Find("ignoreErrors");
        if (ignoreErrors is { Kind: not ResourceNodeKind.Boolean })
            throw new ResourceFormatException(ignoreErrors, "Component.spec.ignoreErrors", "bool");
        return new ComponentSpec
        {
            Name = document.Name,
            Type = ResourceFile.Text(spec, "type", "Component.spec.type"),
            Version = version.Length > 0 ? version : "v1",
            VersionOmitted = version.Length == 0,
            Namespace = document.Namespace,
            Scopes = document.Scopes,
            SecretStore = ResourceFile.Text(auth, "secretStore", "Component.auth.secretStore"),
            IgnoreErrors = ignoreErrors?.Text == "true",
            InitTimeout = GoDuration.TryParse(ResourceFile.Text(spec, "initTimeout", "Component.spec.initTimeout"), out var timeout) ? timeout : ComponentSpec.DefaultInitTimeout,
            Settings = settings,
            Metadata = ComponentSpec.ValuesOf(settings),
            MetadataLines = Lines(settings),
            File = document.File,
            Line = document.Line,
        };
    }

    public static string LogName(ResourceDocument document)
    {
        var spec = document.Root.Find("spec");
        return ComponentSpec.LogNameOf(document.Name, spec?.TextOf("type") ?? "", spec?.TextOf("version") ?? "");
    }

    private static ResourceNode? Map(ResourceNode parent, string name, string path, string type) => parent.Find(name) switch
    {
        null => null,
        { Kind: ResourceNodeKind.Map } map => map,
        var other => throw new ResourceFormatException(other, path, type),
    };

    private static Dictionary<string, int> Lines(IReadOnlyList<ResourceSetting> settings)
    {
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in settings)
            lines[setting.Name] = setting.Line;
        return lines;
    }
}
