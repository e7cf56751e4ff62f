using YamlDotNet.Core;

namespace RealTimeMesh.Components;

/// <summary>Reads the documents of one resource file as daprd does.</summary>
public static class ResourceFile
{
    private const string Separator = "\n---";

    /// <summary>True for names that end in <c>.yaml</c> or <c>.yml</c>, without regard to case.</summary>
    public static bool IsYaml(string file) =>
        file.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    /// <summary>The documents of a text, in order, and what is wrong with those that could not be read; these do not keep the others from being read.</summary>
    /// <param name="text">YAML documents, or one of JSON.</param>
    /// <param name="file">Where the text comes from.</param>
    public static (IReadOnlyList<ResourceDocument> Documents, IReadOnlyList<string> Errors) Read(string text, string file)
    {
        var documents = new List<ResourceDocument>();
        var errors = new List<string>();
        foreach (var (part, lineOffset) in Split(text))
        {
            try
            {
                var root = YamlResourceParser.Parse(part, lineOffset, refuseRepeatedKeys: false);
                if (root.Kind == ResourceNodeKind.Null)
                    continue;
                if (root.Kind == ResourceNodeKind.Map)
                    documents.Add(Document(root, file));
                else
                    errors.Add($"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {Describe(root)} into a resource (line {root.Line})");
            }
            catch (YamlException e)
            {
                errors.Add($"error converting YAML to JSON: yaml: line {lineOffset + e.Start.Line}: {e.Message}");
            }
            catch (ResourceFormatException e)
            {
                errors.Add($"error unmarshaling JSON: while decoding JSON: json: {e.Message}");
            }
        }

        return (documents, errors);
    }

    /// <summary>Splits where a line begins with three dashes, each part with the number of lines before it. What follows the dashes on their line is dropped, as daprd drops it.</summary>
    internal static IEnumerable<(string Text, int LineOffset)> Split(string text)
    {
        var start = 0;
        var line = 0;
        while (true)
        {
            var end = text.IndexOf(Separator, start, StringComparison.Ordinal);
            if (end < 0)
            {
                yield return (text[start..], line);
                yield break;
            }

            yield return (text[start..end], line);
            var next = text.IndexOf('\n', end + Separator.Length);
            if (next < 0)
                yield break;
            line += text.AsSpan(start, next + 1 - start).Count('\n');
            start = next + 1;
        }
    }

    internal static ResourceDocument Document(ResourceNode root, string file)
    {
        var metadata = root.Find("metadata");
        if (metadata is { Kind: not ResourceNodeKind.Map })
            throw new ResourceFormatException(metadata, "metadata", "ObjectMeta");
        return new ResourceDocument(
            Text(root, "kind", "kind"), Text(root, "apiVersion", "apiVersion"), Text(metadata, "name", "metadata.name"),
            Text(metadata, "namespace", "metadata.namespace"), Texts(root, "scopes"), file, root.Line, root);
    }

    /// <summary>A field's text, empty where it is absent. Throws where it is a list or a map.</summary>
    internal static string Text(ResourceNode? parent, string name, string path) => parent?.Find(name) switch
    {
        null => "",
        { IsScalar: true } node => node.Text,
        var node => throw new ResourceFormatException(node, path, "string"),
    };

    private static string[] Texts(ResourceNode parent, string name) => parent.Find(name) switch
    {
        null => [],
        { Kind: ResourceNodeKind.List } list when list.Items.All(item => item.IsScalar) => [.. list.Items.Select(item => item.Text)],
        var node => throw new ResourceFormatException(node, name, "[]string"),
    };

    internal static string Describe(ResourceNode node) => node.Kind switch
    {
        ResourceNodeKind.List => "array",
        ResourceNodeKind.Map => "object",
        ResourceNodeKind.Number => "number",
        ResourceNodeKind.Boolean => "bool",
        _ => "string",
    };
}
