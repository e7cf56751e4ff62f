namespace RealTimeMesh.Components;

/// <summary>Which of the documents that were read count for this process.</summary>
public static class ResourceSelection
{
    /// <summary>
    /// The documents of one kind that are in the process's namespace and in scope for the app, in their order, and an error for each
    /// whose name an earlier one of them has. daprd compares a document with the earlier ones before it looks at the document's own scopes.
    /// With errors it loads none of the kind.
    /// </summary>
    /// <param name="documents">As read.</param>
    /// <param name="kind">Such as <c>Component</c>.</param>
    /// <param name="apiVersion">Documents of another version are left out.</param>
    /// <param name="options">The process's namespace and app id.</param>
    /// <param name="logName">How an error names a document.</param>
    public static (IReadOnlyList<ResourceDocument> Selected, IReadOnlyList<string> Errors) Select(
        IEnumerable<ResourceDocument> documents, string kind, string apiVersion, LoadOptions options, Func<ResourceDocument, string> logName)
    {
        var selected = new List<ResourceDocument>();
        var errors = new List<string>();
        var names = new Dictionary<string, ResourceDocument>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            if (document.Kind != kind || document.ApiVersion != apiVersion || !document.IsInNamespace(options.Namespace))
                continue;
            if (names.TryGetValue(document.Name, out var existing))
            {
                errors.Add($"duplicate definition of {kind} name {logName(document)} with existing {logName(existing)}");
                continue;
            }

            if (!document.IsInScope(options.AppId))
                continue;
            names.Add(document.Name, document);
            selected.Add(document);
        }

        return (selected, errors);
    }
}
