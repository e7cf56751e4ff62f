using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Pipelines;

/// <summary>A YAML value with its path and line. Reading it as the wrong thing adds a fault and gives null.</summary>
internal sealed class YamlElement(YamlNode node, string path, FaultList faults)
{
    public string Path { get; } = path;

    public FaultList Faults { get; } = faults;

    public int Line { get; } = (int)node.Start.Line;

    public bool IsText => node is YamlScalarNode { Value: not null } && !IsNull;

    public bool IsMap => node is YamlMappingNode;

    private bool IsNull => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };

    public void Fault(string found, string expected, string cure) => Faults.Add(Line, Path, found, expected, cure);

    /// <summary>The entries of a mapping; keys other than <paramref name="known"/> are faults (none known: every key is a name).</summary>
    public YamlMap? Map(string expected, params string[] known)
    {
        if (node is not YamlMappingNode mapping)
        {
            Fault(Describe(), expected, "Write it as a mapping.");
            return null;
        }

        var entries = new List<KeyValuePair<string, YamlElement>>();
        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            var element = new YamlElement(value, Path.Length == 0 ? name : $"{Path}.{name}", Faults);
            if (known.Length == 0 || known.Contains(name))
            {
                entries.Add(new(name, element));
                continue;
            }

            var near = Suggestion.For(name, known);
            Faults.Add((int)key.Start.Line, element.Path, $"the unknown key '{name}'", $"one of {string.Join(", ", known)}", near is null ? "Remove it." : $"Did you mean '{near}'?");
        }

        return new YamlMap(this, entries);
    }

    public IReadOnlyList<YamlElement>? Items(string expected)
    {
        if (node is YamlSequenceNode sequence)
            return [.. sequence.Children.Select((child, i) => new YamlElement(child, $"{Path}[{i}]", Faults))];
        Fault(Describe(), expected, "Write it as a list.");
        return null;
    }

    public string? Text(string expected)
    {
        if (IsText)
            return ((YamlScalarNode)node).Value;
        Fault(Describe(), expected, "Write one value.");
        return null;
    }

    /// <summary>A list of texts, or one text alone.</summary>
    public IReadOnlyList<string>? Texts(string expected)
    {
        if (IsText)
            return [((YamlScalarNode)node).Value!];
        var items = Items(expected);
        var texts = items?.Select(i => i.Text(expected)).OfType<string>().ToList();
        return texts?.Count == items?.Count ? texts : null;
    }

    public TimeSpan? Duration()
    {
        const string expected = "a duration such as 250ms, 30s, 15m, 1h30m or 1d";
        if (Text(expected) is not { } text)
            return null;
        if (Durations.TryParse(text, out var duration))
            return duration;
        Fault($"'{text}'", expected, "Write numbers with their units.");
        return null;
    }

    public long? Integer(long min, string expected)
    {
        if (Text(expected) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min)
            return value;
        Fault($"'{text}'", expected, "Write a whole number.");
        return null;
    }

    public double? Number(Func<double, bool> accepts, string expected)
    {
        if (Text(expected) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && accepts(value))
            return value;
        Fault($"'{text}'", expected, "Write a number in that range.");
        return null;
    }

    public bool? Boolean()
    {
        const string expected = "true or false";
        var text = Text(expected);
        if (text is "true" or "false")
            return text == "true";
        if (text is not null)
            Fault($"'{text}'", expected, "Write true or false.");
        return null;
    }

    private string Describe() => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode scalar when !IsNull => $"'{scalar.Value}'",
        _ => "nothing",
    };
}

/// <summary>The entries of a YAML mapping in the file's order.</summary>
internal sealed class YamlMap(YamlElement element, IReadOnlyList<KeyValuePair<string, YamlElement>> entries)
{
    public YamlElement Element { get; } = element;

    public IReadOnlyList<KeyValuePair<string, YamlElement>> Entries { get; } = entries;

    public bool Has(string key) => Entries.Any(e => e.Key == key);

    public bool TryFind(string key, [NotNullWhen(true)] out YamlElement? value)
    {
        value = Entries.FirstOrDefault(e => e.Key == key).Value;
        return value is not null;
    }

    /// <summary>The value of a key that must be there; its lack is a fault.</summary>
    public YamlElement? Require(string key, string expected)
    {
        if (TryFind(key, out var value))
            return value;
        var path = Element.Path.Length == 0 ? key : $"{Element.Path}.{key}";
        Element.Faults.Add(Element.Line, path, "no such key", expected, $"Add '{key}'.");
        return null;
    }

    public TimeSpan Duration(string key, TimeSpan otherwise) => TryFind(key, out var value) ? value.Duration() ?? otherwise : otherwise;

    public bool Boolean(string key, bool otherwise) => TryFind(key, out var value) ? value.Boolean() ?? otherwise : otherwise;
}
