using System.Text;

namespace RealTimeMesh.Components;

/// <summary>What a node of a resource document is, after YAML 1.1's rules for plain scalars.</summary>
public enum ResourceNodeKind
{
    Null,
    Text,
    Number,
    Boolean,
    List,
    Map,
}

/// <summary>
/// A node of a resource document as daprd sees it: YAML turned into JSON, field names found without regard to case,
/// the last of repeated keys in force. Knows its line for errors.
/// </summary>
public sealed class ResourceNode
{
    private readonly string _json;

    internal ResourceNode(ResourceNodeKind kind, int line, string text, string json)
    {
        (Kind, Line, Text, _json) = (kind, line, text, json);
    }

    internal ResourceNode(int line, IReadOnlyList<ResourceNode> items)
        : this(ResourceNodeKind.List, line, "", "")
    {
        Items = items;
        Weight = 1 + items.Sum(item => item.Weight);
    }

    internal ResourceNode(int line, IReadOnlyList<KeyValuePair<string, ResourceNode>> entries)
        : this(ResourceNodeKind.Map, line, "", "")
    {
        Entries = entries;
        Weight = 1 + entries.Sum(entry => entry.Value.Weight);
    }

    public ResourceNodeKind Kind { get; }

    /// <summary>1-based line in the file.</summary>
    public int Line { get; }

    /// <summary>A scalar as daprd reads it where a text is expected: <c>123</c> for a number, <c>true</c> for <c>yes</c>; empty for others.</summary>
    public string Text { get; }

    /// <summary>The elements of a list; empty for others.</summary>
    public IReadOnlyList<ResourceNode> Items { get; } = [];

    /// <summary>The fields of a map in the order of the document, each key once; empty for others.</summary>
    public IReadOnlyList<KeyValuePair<string, ResourceNode>> Entries { get; } = [];

    /// <summary>True for text, numbers and booleans.</summary>
    public bool IsScalar => Kind is ResourceNodeKind.Text or ResourceNodeKind.Number or ResourceNodeKind.Boolean;

    /// <summary>Nodes in the tree below, those of an alias counted each time.</summary>
    internal long Weight { get; } = 1;

    /// <summary>The field of that name, without regard to case, or null; null too where the field is <c>null</c>.</summary>
    public ResourceNode? Find(string name)
    {
        // Of fields that differ in case only, the one sorted last wins, as it does in Go after the detour through JSON.
        KeyValuePair<string, ResourceNode>? best = null;
        foreach (var entry in Entries)
        {
            if (entry.Value.Kind != ResourceNodeKind.Null
                && entry.Key.Equals(name, StringComparison.OrdinalIgnoreCase)
                && (best is not { } found || string.CompareOrdinal(entry.Key, found.Key) > 0))
                best = entry;
        }

        return best?.Value;
    }

    /// <summary>The text of a scalar field, or null where there is none or it is no scalar.</summary>
    public string? TextOf(string name) => Find(name) is { IsScalar: true } node ? node.Text : null;

    /// <summary>The node as JSON in one line, keys sorted, <c>&lt; &gt; &amp;</c> escaped, as Go writes it. Equal documents give equal texts.</summary>
    public string ToJson()
    {
        var json = new StringBuilder();
        Write(json);
        return json.ToString();
    }

    private void Write(StringBuilder json)
    {
        switch (Kind)
        {
            case ResourceNodeKind.List:
                json.Append('[');
                for (var i = 0; i < Items.Count; i++)
                {
                    if (i > 0)
                        json.Append(',');
                    Items[i].Write(json);
                }

                json.Append(']');
                break;
            case ResourceNodeKind.Map:
                json.Append('{');
                var separator = "";
                foreach (var (key, value) in Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    json.Append(separator).Append(GoJson.Quote(key)).Append(':');
                    value.Write(json);
                    separator = ",";
                }

                json.Append('}');
                break;
            case ResourceNodeKind.Text:
                json.Append(GoJson.Quote(Text));
                break;
            default:
                json.Append(_json);
                break;
        }
    }
}
