using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RealTimeMesh.Components;

/// <summary>
/// Builds the tree of one document from the parser's events. Takes what Kubernetes' YAML library takes: repeated keys,
/// anchors, merge keys, JSON. Bounded in depth and in what aliases multiply to.
/// </summary>
internal sealed class YamlResourceParser(IParser events, int lineOffset, bool refuseRepeatedKeys)
{
    private const int MaxDepth = 100;
    private const long MaxWeight = 1_000_000;

    private readonly Dictionary<string, ResourceNode> _anchors = new(StringComparer.Ordinal);

    /// <summary>The root of the text's first document; a null node where it holds none. Throws <see cref="YamlException"/>.</summary>
    public static ResourceNode Parse(string text, int lineOffset, bool refuseRepeatedKeys)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        return parser.TryConsume<DocumentStart>(out _)
            ? new YamlResourceParser(parser, lineOffset, refuseRepeatedKeys).Node(0)
            : YamlScalars.Read("", plain: true, lineOffset + 1);
    }

    private ResourceNode Node(int depth)
    {
        var start = events.Current!.Start;
        if (depth > MaxDepth)
            throw new YamlException(start, start, $"nested deeper than {MaxDepth} levels");
        if (events.TryConsume<AnchorAlias>(out var alias))
            return _anchors.GetValueOrDefault(alias.Value.Value) ?? throw new YamlException(start, start, $"unknown anchor '{alias.Value}' referenced");
        var anchor = (events.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        var node = events.Current switch
        {
            Scalar => ScalarNode(),
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            var other => throw new YamlException(start, start, $"unexpected {other?.GetType().Name}"),
        };
        if (node.Weight > MaxWeight)
            throw new YamlException(start, start, "document contains excessive aliasing");
        if (!anchor.IsEmpty)
            _anchors[anchor.Value] = node;
        return node;
    }

    private ResourceNode ScalarNode()
    {
        var scalar = events.Consume<Scalar>();
        var plain = scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.Value != "tag:yaml.org,2002:str");
        return YamlScalars.Read(scalar.Value, plain, Line(scalar));
    }

    private ResourceNode List(int depth)
    {
        var start = events.Consume<SequenceStart>();
        var items = new List<ResourceNode>();
        while (!events.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        return new ResourceNode(Line(start), items);
    }

    private ResourceNode Map(int depth)
    {
        var start = events.Consume<MappingStart>();
        var entries = new List<KeyValuePair<string, ResourceNode>>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var merged = new List<ResourceNode>();
        while (!events.TryConsume<MappingEnd>(out _))
        {
            var at = events.Current!.Start;
            var isMerge = events.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain };
            var key = Node(depth + 1);
            if (!key.IsScalar && key.Kind != ResourceNodeKind.Null)
                throw new YamlException(at, at, "a key that is a list or a mapping");
            var value = Node(depth + 1);
            if (isMerge)
                merged.AddRange(value.Kind == ResourceNodeKind.List ? value.Items : [value]);
            else if (places.TryAdd(key.Text, entries.Count))
                entries.Add(new(key.Text, value));
            else if (refuseRepeatedKeys)
                throw new YamlException(at, at, $"key '{key.Text}' for the second time");
            else
                entries[places[key.Text]] = new(key.Text, value);
        }

        foreach (var entry in merged.SelectMany(map => map.Entries))
        {
            if (places.TryAdd(entry.Key, entries.Count))
                entries.Add(entry);
        }

        return new ResourceNode(Line(start), entries);
    }

    private int Line(ParsingEvent at) => lineOffset + (int)at.Start.Line;
}
