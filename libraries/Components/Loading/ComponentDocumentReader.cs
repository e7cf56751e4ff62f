using RealTimeMesh.Contracts;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Components;

/// <summary>Turns YAML documents into component specs.</summary>
internal sealed class ComponentDocumentReader(Func<string, string?> environment)
{
    private static readonly string[] RootKeys = ["apiVersion", "kind", "metadata", "spec", "scopes", "auth"];
    private static readonly string[] SpecKeys = ["type", "version", "metadata", "ignoreErrors", "initTimeout"];
    private static readonly string[] SettingKeys = ["name", "value", "secretKeyRef", "envRef"];

    public List<ComponentSpec> Components { get; } = [];

    public List<ResourceDocument> Subscriptions { get; } = [];

    public List<ConfigurationFault> Faults { get; } = [];

    public void Read(string file, YamlNode root)
    {
        if (root is YamlScalarNode { Value: null or "" })
            return;
        if (root is not YamlMappingNode document)
        {
            Fault(file, root, "document", Describe(root), "a mapping with apiVersion, kind, metadata and spec", "Write a Dapr resource or remove the document.");
            return;
        }

        var kind = Text(document, "kind");
        switch (kind)
        {
            case "Component":
                ReadComponent(file, document);
                break;
            case "Subscription":
                Subscriptions.Add(new ResourceDocument(kind, file, LineOf(document), document));
                break;
            case "Configuration" or "Resiliency" or "HTTPEndpoint":
                break;
            default:
                Fault(file, Child(document, "kind") ?? document, "kind", Quote(kind), "Component, Subscription, Configuration, Resiliency or HTTPEndpoint", "Correct the kind or move the file out of the resources folder.");
                break;
        }
    }

    private void ReadComponent(string file, YamlMappingNode document)
    {
        var name = Child(document, "metadata") is YamlMappingNode metadata ? Text(metadata, "name") : null;
        var element = name is null ? "component" : $"component '{name}'";
        var before = Faults.Count;
        CheckKeys(file, document, RootKeys, element);
        if (Text(document, "apiVersion") is var version && version != "dapr.io/v1alpha1")
            Fault(file, Child(document, "apiVersion") ?? document, $"{element}: apiVersion", Quote(version), "dapr.io/v1alpha1", "Set apiVersion to dapr.io/v1alpha1.");
        if (string.IsNullOrEmpty(name))
            Fault(file, document, "component: metadata.name", "no name", "a name", "Give the component a name; apps use it in their calls.");
        if (Child(document, "spec") is not YamlMappingNode spec)
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
        Components.Add(new ComponentSpec
        {
            Name = name!,
            Type = type!,
            Version = Text(spec, "version") ?? "v1",
            Metadata = settings,
            MetadataLines = lines,
            Scopes = scopes,
            File = file,
            Line = LineOf(document),
        });
    }

    private void ReadSettings(string file, string element, YamlMappingNode spec, Dictionary<string, string> settings, Dictionary<string, int> lines)
    {
        var node = Child(spec, "metadata");
        if (node is null or YamlScalarNode { Value: null or "" })
            return;
        if (node is not YamlSequenceNode list)
        {
            Fault(file, node, $"{element}: spec.metadata", Describe(node), "a list of name and value pairs", "Write '- name: x' and 'value: y' for each setting.");
            return;
        }

        foreach (var item in list)
        {
            if (item is not YamlMappingNode entry || Text(entry, "name") is not { Length: > 0 } name)
            {
                Fault(file, item, $"{element}: spec.metadata", Describe(item), "an entry with a name", "Write '- name: x' and 'value: y'.");
                continue;
            }

            var setting = $"{element}: {name}";
            CheckKeys(file, entry, SettingKeys, setting);
            lines.TryAdd(name, LineOf(entry));
            if (ValueOf(file, setting, entry) is not { } value)
                continue;
            if (!settings.TryAdd(name, value))
                Fault(file, entry, setting, "a second value", "each setting once (names are compared without case)", "Remove one of them.");
        }
    }

    private string? ValueOf(string file, string setting, YamlMappingNode entry)
    {
        if (Child(entry, "secretKeyRef") is { } reference)
        {
            // Environment secrets: the secret's name is the variable, its key says the same again (as daprd's secretstores.local.env).
            var variable = reference is YamlMappingNode secret ? Text(secret, "key") ?? Text(secret, "name") : null;
            return FromEnvironment(file, setting, reference, variable);
        }

        if (Child(entry, "envRef") is { } env)
            return FromEnvironment(file, setting, env, (env as YamlScalarNode)?.Value);
        switch (Child(entry, "value"))
        {
            case YamlScalarNode scalar:
                return scalar.Value ?? "";
            case null:
                Fault(file, entry, setting, "no value", "value, envRef or secretKeyRef", "Give the setting a value.");
                return null;
            case var other:
                Fault(file, other, setting, Describe(other), "a text, number or boolean", "Write a scalar value; quote it if it holds special characters.");
                return null;
        }
    }

    private string? FromEnvironment(string file, string setting, YamlNode node, string? variable)
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

    private List<string> ReadScopes(string file, string element, YamlMappingNode document)
    {
        switch (Child(document, "scopes"))
        {
            case null or YamlScalarNode { Value: null or "" }:
                return [];
            case YamlSequenceNode list when list.All(n => n is YamlScalarNode):
                return [.. list.Select(n => ((YamlScalarNode)n).Value ?? "")];
            case var other:
                Fault(file, other, $"{element}: scopes", Describe(other), "a list of app ids", "Write '- app-id' lines.");
                return [];
        }
    }

    private void CheckKeys(string file, YamlMappingNode node, string[] known, string element)
    {
        foreach (var key in node.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } text } || !known.Contains(text))
                Fault(file, key, element, $"key {Describe(key)}", string.Join(", ", known), "Remove the key or correct its spelling.");
        }
    }

    private void Fault(string file, YamlNode at, string element, string found, string expected, string cure) =>
        Faults.Add(new ConfigurationFault(file, LineOf(at), element, found, expected, cure));

    private static YamlNode? Child(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Text(YamlMappingNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;

    private static int LineOf(YamlNode node) => (int)node.Start.Line;

    private static string Quote(string? text) => text is null ? "nothing" : $"'{text}'";

    private static string Describe(YamlNode? node) => node switch
    {
        null => "nothing",
        YamlScalarNode scalar => Quote(scalar.Value),
        YamlSequenceNode => "a list",
        _ => "a mapping",
    };
}
