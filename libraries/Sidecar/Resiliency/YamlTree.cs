using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>A YAML node, read as Kubernetes tools read it: a key given twice is its last value, fields are found without regard to case.</summary>
internal abstract record YamlTree
{
    /// <summary>All documents of a file.</summary>
    /// <exception cref="YamlException">The text is no YAML.</exception>
    public static List<YamlTree> Parse(string text)
    {
        var parser = new Parser(new StringReader(text));
        var documents = new List<YamlTree>();
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            documents.Add(Read(parser, new Dictionary<string, YamlTree>(StringComparer.Ordinal)));
            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private static YamlTree Read(IParser parser, Dictionary<string, YamlTree> anchors)
    {
        switch (parser.Current)
        {
            case AnchorAlias alias:
                parser.MoveNext();
                return anchors.TryGetValue(alias.Value.Value, out var known) ? known : throw new YamlException(alias.Start, alias.End, $"unknown anchor '{alias.Value.Value}' referenced");
            case Scalar scalar:
                parser.MoveNext();
                return Anchored(scalar, new YamlText(scalar.Value, scalar.Style == ScalarStyle.Plain), anchors);
            case SequenceStart sequence:
                parser.MoveNext();
                var items = new List<YamlTree>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    items.Add(Read(parser, anchors));
                return Anchored(sequence, new YamlList(items), anchors);
            case MappingStart mapping:
                parser.MoveNext();
                return Anchored(mapping, ReadMapping(parser, anchors), anchors);
            default:
                throw new YamlException($"unexpected {parser.Current}");
        }
    }

    private static YamlMap ReadMapping(IParser parser, Dictionary<string, YamlTree> anchors)
    {
        var fields = new Dictionary<string, YamlTree>(StringComparer.Ordinal);
        var merged = new List<YamlMap>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var start = parser.Current!;
            if (Read(parser, anchors) is not YamlText key)
                throw new YamlException(start.Start, start.End, "a key is a list or a mapping; expected a text");
            var value = Read(parser, anchors);
            if (key is not { Text: "<<", IsPlain: true })
                fields[key.Text] = value;
            else if (value is YamlMap map)
                merged.Add(map);
            else if (value is YamlList list)
                merged.AddRange(list.Items.OfType<YamlMap>());
        }

        foreach (var (name, value) in merged.SelectMany(map => map.Fields))
            fields.TryAdd(name, value);
        return new YamlMap(fields);
    }

    private static YamlTree Anchored(NodeEvent node, YamlTree tree, Dictionary<string, YamlTree> anchors)
    {
        if (!node.Anchor.IsEmpty)
            anchors[node.Anchor.Value] = tree;
        return tree;
    }
}

internal sealed record YamlText(string Text, bool IsPlain) : YamlTree
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

internal sealed record YamlList(IReadOnlyList<YamlTree> Items) : YamlTree;

internal sealed record YamlMap(IReadOnlyDictionary<string, YamlTree> Fields) : YamlTree
{
    public YamlTree? Find(string name)
    {
        if (Fields.TryGetValue(name, out var exact))
            return exact;
        foreach (var (key, value) in Fields)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}
