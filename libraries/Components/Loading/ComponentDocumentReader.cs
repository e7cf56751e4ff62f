using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>Turns documents into component specs, strictly: whatever is not known is a fault.</summary>
internal sealed class ComponentDocumentReader(Func<string, string?> environment)
{
    private static readonly string[] RootKeys = ["apiVersion", "kind", "metadata", "spec", "scopes", "auth"];
    private static readonly string[] SpecKeys = ["type", "version", "metadata", "ignoreErrors", "initTimeout"];
    private static readonly string[] SettingKeys = ["name", "value", "secretKeyRef", "envRef"];

    public List<ComponentSpec> Components { get; } = [];

    public List<ResourceDocument> Documents { get; } = [];

    public List<ConfigurationFault> Faults { get; } = [];

    public void Read(string file, ResourceNode root)
    {
        if (root.Kind == ResourceNodeKind.Null)
            return;
        if (root.Kind != ResourceNodeKind.Map)
        {
            Fault(file, root, "document", Describe(root), "a mapping with apiVersion, kind, metadata and spec", "Write a Dapr resource or remove the document.");
            return;
        }

        var kind = Text(root, "kind");
        switch (kind)
        {
            case "Component":
                ReadComponent(file, root);
                break;
            case "Subscription" or "Configuration" or "Resiliency" or "HTTPEndpoint":
                AddDocument(file, root);
                break;
            default:
                Fault(file, Child(root, "kind") ?? root, "kind", Quote(kind), "Component, Subscription, Configuration, Resiliency or HTTPEndpoint", "Correct the kind or move the file out of the resources folder.");
                break;
        }
    }

    private void AddDocument(string file, ResourceNode root)
    {
        try
        {
            Documents.Add(ResourceFile.Document(root, file));
        }
        catch (ResourceFormatException e)
        {
            Faults.Add(new ConfigurationFault(file, e.Line, "document", e.Message, "metadata.name and metadata.namespace as texts, scopes as a list of texts", "Correct the value."));
        }
    }

    private void ReadComponent(string file, ResourceNode document)
    {
        var name = Child(document, "metadata") is { Kind: ResourceNodeKind.Map } metadata ? Text(metadata, "name") : null;
        var element = name is null ? "component" : $"component '{name}'";
        var before = Faults.Count;
        CheckKeys(file, document, RootKeys, element);
        if (Text(document, "apiVersion") is var version && version != "dapr.io/v1alpha1")
            Fault(file, Child(document, "apiVersion") ?? document, $"{element}: apiVersion", Quote(version), "dapr.io/v1alpha1", "Set apiVersion to dapr.io/v1alpha1.");
        if (string.IsNullOrEmpty(name))
            Fault(file, document, "component: metadata.name", "no name", "a name", "Give the component a name; apps use it in their calls.");
        if (Child(document, "spec") is not { Kind: ResourceNodeKind.Map } spec)
        {
            Fault(file, Child(document, "spec") ?? document, $"{element}: spec", Describe(Child(document, "spec")), "a mapping with type, version and metadata", "Add the spec.");
            return;
        }

        CheckKeys(file, spec, SpecKeys, $"{element}: spec");
        var type = Text(spec, "type");
        if (string.IsNullOrEmpty(type))
            Fault(file, spec, $"{element}: spec.type", "no type", "a type such as pubsub.rocksdb", "Name the component's type.");

        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        ReadSettings(file, element, spec, settings, lines);
        var scopes = ReadScopes(file, element, document);
        if (Faults.Count > before && (string.IsNullOrEmpty(name) || string.IsNullOrEmpty(type)))
            return;
        AddDocument(file, document);
        Components.Add(new ComponentSpec
        {
            Name = name!,
            Type = type!,
            Version = Text(spec, "version") ?? "v1",
            Metadata = settings,
            MetadataLines = lines,
            Scopes = scopes,
            File = file,
            Line = document.Line,
        });
    }

    private void ReadSettings(string file, string element, ResourceNode spec, Dictionary<string, string> settings, Dictionary<string, int> lines)
    {
        var node = Child(spec, "metadata");
        if (node is null or { IsScalar: true, Text: "" })
            return;
        if (node.Kind != ResourceNodeKind.List)
        {
            Fault(file, node, $"{element}: spec.metadata", Describe(node), "a list of name and value pairs", "Write '- name: x' and 'value: y' for each setting.");
            return;
        }

        foreach (var item in node.Items)
        {
            if (Text(item, "name") is not { Length: > 0 } name)
            {
                Fault(file, item, $"{element}: spec.metadata", Describe(item), "an entry with a name", "Write '- name: x' and 'value: y'.");
                continue;
            }

            var setting = $"{element}: {name}";
            CheckKeys(file, item, SettingKeys, setting);
            lines.TryAdd(name, item.Line);
            if (ValueOf(file, setting, item) is not { } value)
                continue;
            if (!settings.TryAdd(name, value))
                Fault(file, item, setting, "a second value", "each setting once (names are compared without case)", "Remove one of them.");
        }
    }

    private string? ValueOf(string file, string setting, ResourceNode entry)
    {
        if (Child(entry, "secretKeyRef") is { } reference)
        {
            // Environment secrets: the secret's name is the variable, its key says the same again (as daprd's secretstores.local.env).
            var variable = Text(reference, "key") ?? Text(reference, "name");
            return FromEnvironment(file, setting, reference, variable);
        }

        if (Child(entry, "envRef") is { } env)
            return FromEnvironment(file, setting, env, env.IsScalar ? env.Text : null);
        switch (entry.Entries.FirstOrDefault(field => field.Key == "value").Value)
        {
            case { Kind: ResourceNodeKind.Null }:
                return "";
            case { Kind: ResourceNodeKind.Text } text:
                return text.Text;
            case { IsScalar: true } scalar:
                return scalar.ToJson();
            case null:
                Fault(file, entry, setting, "no value", "value, envRef or secretKeyRef", "Give the setting a value.");
                return null;
            case var other:
                Fault(file, other, setting, Describe(other), "a text, number or boolean", "Write a scalar value; quote it if it holds special characters.");
                return null;
        }
    }

    private string? FromEnvironment(string file, string setting, ResourceNode node, string? variable)
    {
        if (string.IsNullOrEmpty(variable))
        {
            Fault(file, node, setting, Describe(node), "the name of an environment variable", "Write 'envRef: NAME' or 'secretKeyRef: { name: NAME, key: NAME }'.");
            return null;
        }

        if (environment(variable) is { } value)
            return value;
        Fault(file, node, setting, $"a reference to {variable}, which is not set", "a variable that is set", $"Set {variable} in the environment.");
        return null;
    }

    private List<string> ReadScopes(string file, string element, ResourceNode document)
    {
        switch (Child(document, "scopes"))
        {
            case null or { Text: "", IsScalar: true }:
                return [];
            case { Kind: ResourceNodeKind.List } list when list.Items.All(item => item.IsScalar):
                return [.. list.Items.Select(item => item.Text)];
            case var other:
                Fault(file, other, $"{element}: scopes", Describe(other), "a list of app ids", "Write '- app-id' lines.");
                return [];
        }
    }

    private void CheckKeys(string file, ResourceNode node, string[] known, string element)
    {
        foreach (var (key, value) in node.Entries)
        {
            if (!known.Contains(key))
                Fault(file, value, element, $"key '{key}'", string.Join(", ", known), "Remove the key or correct its spelling.");
        }
    }

    private void Fault(string file, ResourceNode at, string element, string found, string expected, string cure) =>
        Faults.Add(new ConfigurationFault(file, at.Line, element, found, expected, cure));

    // By the exact name: fields that daprd takes in another case are faults here.
    private static ResourceNode? Child(ResourceNode node, string key) =>
        node.Entries.FirstOrDefault(entry => entry.Key == key && entry.Value.Kind != ResourceNodeKind.Null).Value;

    private static string? Text(ResourceNode node, string key) => Child(node, key) is { IsScalar: true } scalar ? scalar.Text : null;

    private static string Quote(string? text) => text is null ? "nothing" : $"'{text}'";

    private static string Describe(ResourceNode? node) => node?.Kind switch
    {
        null or ResourceNodeKind.Null => "nothing",
        ResourceNodeKind.List => "a list",
        ResourceNodeKind.Map => "a mapping",
        _ => Quote(node.Text),
    };
}
