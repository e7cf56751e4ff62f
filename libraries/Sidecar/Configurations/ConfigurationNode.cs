using System.Globalization;
using RealTimeMesh.Components;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Sidecar.Configurations;

/// <summary>Typed reads of a YAML node. What has another type is recorded as a fault, in the words of Go's YAML decoder.</summary>
internal readonly struct ConfigurationNode(YamlNode? node, List<string> faults)
{
    /// <summary>True where there is a value, even an empty one.</summary>
    public bool Exists => node is not null and not YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Plain or ScalarStyle.Any };

    public ConfigurationNode this[string name]
    {
        get
        {
            if (!Exists)
                return new ConfigurationNode(null, faults);
            if (node is YamlMappingNode map)
                return new ConfigurationNode(map.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null, faults);
            Fault("map");
            return new ConfigurationNode(null, faults);
        }
    }

    public IReadOnlyList<ConfigurationNode> Items
    {
        get
        {
            var list = faults;
            if (!Exists)
                return [];
            if (node is YamlSequenceNode sequence)
                return [.. sequence.Children.Select(child => new ConfigurationNode(child, list))];
            Fault("[]string");
            return [];
        }
    }

    public string Text(string otherwise = "")
    {
        if (!Exists)
            return node is YamlScalarNode { Value: "" } ? "" : otherwise;
        if (node is YamlScalarNode scalar)
            return scalar.Value ?? otherwise;
        Fault("string");
        return otherwise;
    }

    public bool? Truth()
    {
        if (!Exists)
            return null;
        switch ((node as YamlScalarNode)?.Value?.ToLowerInvariant())
        {
            case "true" or "y" or "yes" or "on":
                return true;
            case "false" or "n" or "no" or "off":
                return false;
            default:
                Fault("bool");
                return null;
        }
    }

    public int Number()
    {
        if (node is YamlScalarNode scalar && int.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        Fault("int");
        return 0;
    }

    public TimeSpan? Duration()
    {
        if (!Exists)
            return null;
        if (node is YamlScalarNode { Value: { } text } && GoDuration.TryParse(text, out var duration))
            return duration;
        Fault("time.Duration");
        return null;
    }

    public IReadOnlyList<string> Texts() => [.. Items.Select(item => item.Text())];

    /// <summary>The scalars of a map by name.</summary>
    public IReadOnlyDictionary<string, string> Scalars()
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is YamlMappingNode map)
        {
            foreach (var (key, value) in map.Children)
            {
                if (key is YamlScalarNode { Value: { } name } && value is YamlScalarNode scalar)
                    values[name] = scalar.Value ?? "";
            }
        }
        else if (Exists)
        {
            Fault("map[string]string");
        }

        return values;
    }

    private void Fault(string type)
    {
        var found = node switch
        {
            YamlMappingNode => "!!map",
            YamlSequenceNode => "!!seq",
            YamlScalarNode scalar => $"{TagOf(scalar)} `{Shorten(scalar.Value ?? "")}`",
            _ => "!!null",
        };
        faults.Add($"line {node?.Start.Line ?? 0}: cannot unmarshal {found} into {type}");
    }

    private static string TagOf(YamlScalarNode scalar)
    {
        if (scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted)
            return "!!str";
        if (long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return "!!int";
        if (double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            return "!!float";
        return scalar.Value?.ToLowerInvariant() is "true" or "false" ? "!!bool" : "!!str";
    }

    private static string Shorten(string value) => value.Length > 10 ? value[..7] + "..." : value;
}
