namespace RealTimeMesh.Components;

/// <summary>One document of a resource file, with what every kind has in common. Kinds other than Component are left to their own readers.</summary>
/// <param name="Kind">Such as <c>Subscription</c>.</param>
/// <param name="ApiVersion">Such as <c>dapr.io/v2alpha1</c>.</param>
/// <param name="Name"><c>metadata.name</c>, empty where it has none.</param>
/// <param name="Namespace"><c>metadata.namespace</c>, empty where it has none.</param>
/// <param name="Scopes">App ids that see the resource; empty for all.</param>
/// <param name="File">Path of the file.</param>
/// <param name="Line">1-based line at which the document begins.</param>
/// <param name="Root">The parsed document.</param>
public sealed record ResourceDocument(
    string Kind, string ApiVersion, string Name, string Namespace, IReadOnlyList<string> Scopes, string File, int Line, ResourceNode Root)
{
    /// <summary>True where an app of that id sees the resource.</summary>
    public bool IsInScope(string appId) => Scopes.Count == 0 || Scopes.Contains(appId, StringComparer.Ordinal);

    /// <summary>
    /// daprd's rule for namespaces: where the process has none (null or empty) or the resource has none, they do not count;
    /// otherwise they must be equal. daprd applies it to every kind but Subscription.
    /// </summary>
    public bool IsInNamespace(string? processNamespace) =>
        string.IsNullOrEmpty(processNamespace) || Namespace.Length == 0 || Namespace == processNamespace;
}
