namespace RealTimeMesh.Components;

/// <summary>A name and value pair of a resource as written: a value, or where to get one.</summary>
public sealed record ResourceSetting(string Name)
{
    /// <summary>The value as text (lists and maps as JSON); null where there is none.</summary>
    public string? Value { get; init; }

    /// <summary><c>secretKeyRef.name</c>; empty for none.</summary>
    public string SecretName { get; init; } = "";

    /// <summary><c>secretKeyRef.key</c>; empty for the secret's own name.</summary>
    public string SecretKey { get; init; } = "";

    /// <summary><c>envRef</c>: the variable to read where there is no value; empty for none.</summary>
    public string EnvRef { get; init; } = "";

    /// <summary>1-based line.</summary>
    public int Line { get; init; }

    /// <summary>Reads the list of pairs under a field, as components (<c>metadata</c>) and HTTP endpoints (<c>headers</c>) have it. Throws where it is no such list.</summary>
    /// <param name="parent">The map that holds the field.</param>
    /// <param name="field">Its name.</param>
    /// <param name="path">How an error names it, such as <c>Component.spec.metadata</c>.</param>
    public static IReadOnlyList<ResourceSetting> ReadList(ResourceNode? parent, string field, string path)
    {
        if (parent?.Find(field) is not { } list)
            return [];
        return list.Kind == ResourceNodeKind.List
            ? [.. list.Items.Where(item => item.Kind != ResourceNodeKind.Null).Select(item => Read(item, path))]
            : throw new ResourceFormatException(list, path, "[]common.NameValuePair");
    }

    private static ResourceSetting Read(ResourceNode item, string path)
    {
        if (item.Kind != ResourceNodeKind.Map)
            throw new ResourceFormatException(item, path, "common.NameValuePair");
        var reference = item.Find("secretKeyRef");
        if (reference is { Kind: not ResourceNodeKind.Map })
            throw new ResourceFormatException(reference, $"{path}.secretKeyRef", "common.SecretKeyRef");
        return new ResourceSetting(ResourceFile.Text(item, "name", $"{path}.name"))
        {
            Value = item.Find("value") switch
            {
                null => null,
                { Kind: ResourceNodeKind.Text } text => text.Text,
                var other => other.ToJson(),
            },
            SecretName = ResourceFile.Text(reference, "name", $"{path}.secretKeyRef.name"),
            SecretKey = ResourceFile.Text(reference, "key", $"{path}.secretKeyRef.key"),
            EnvRef = ResourceFile.Text(item, "envRef", $"{path}.envRef"),
            Line = item.Line,
        };
    }
}
