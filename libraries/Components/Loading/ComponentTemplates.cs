using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>Fills the placeholders that settings may hold: <c>{uuid}</c>, <c>{podName}</c>, <c>{namespace}</c> and <c>{appID}</c>.</summary>
/// <param name="AppId">App id of the sidecar.</param>
/// <param name="Namespace">The process's namespace, <c>default</c> where it has none.</param>
/// <param name="PodName">Value of <c>POD_NAME</c>; empty for none.</param>
/// <param name="NewUuid">A new id for each <c>{uuid}</c>.</param>
public sealed record ComponentTemplates(string AppId, string Namespace, string PodName, Func<Guid> NewUuid)
{
    /// <summary>A component with all placeholders of its settings filled. Throws in daprd's words where one cannot be.</summary>
    public ComponentSpec Fill(ComponentSpec spec)
    {
        if (!spec.Metadata.Values.Any(value => value.Contains('{', StringComparison.Ordinal)))
            return spec;
        var filled = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in spec.Metadata)
            filled[name] = Fill(name, value);
        return spec with { Metadata = filled };
    }

    private string Fill(string name, string value)
    {
        for (var at = value.IndexOf("{uuid}", StringComparison.Ordinal); at >= 0; at = value.IndexOf("{uuid}", at, StringComparison.Ordinal))
            value = $"{value.AsSpan(0, at)}{NewUuid()}{value.AsSpan(at + "{uuid}".Length)}";
        if (value.Contains("{podName}", StringComparison.Ordinal))
        {
            if (PodName.Length == 0)
                throw new RealTimeMeshException($"failed to parse metadata: property {name} refers to {{podName}} but podName is not set");
            value = value.Replace("{podName}", PodName, StringComparison.Ordinal);
        }

        // daprd's {namespace} is the namespace and the app id together, so that consumer groups of apps stay apart.
        return value.Replace("{namespace}", $"{Namespace}.{AppId}", StringComparison.Ordinal).Replace("{appID}", AppId, StringComparison.Ordinal);
    }
}
