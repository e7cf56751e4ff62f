using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// The subscriptions of resource files from one load to the next: a document that did not change keeps its definition and its
/// place, a new or changed one goes to the end.
/// </summary>
internal sealed class SubscriptionDocumentSet(string appId, ILogger logger)
{
    private List<(string Key, SubscriptionDefinition Definition)> _known = [];

    public IReadOnlyList<SubscriptionDefinition> Update(IEnumerable<ResourceDocument> documents)
    {
        var selected = SubscriptionDocuments.Select(documents, appId).Select(document => (Key: KeyOf(document), Document: document)).ToList();
        var keys = selected.Select(item => item.Key).ToHashSet(StringComparer.Ordinal);
        var next = _known.Where(item => keys.Remove(item.Key)).ToList();
        foreach (var (key, document) in selected)
        {
            if (keys.Contains(key) && Read(document) is { } definition)
                next.Add((key, definition));
        }

        _known = next;
        return [.. next.Select(item => item.Definition)];
    }

    private static string KeyOf(ResourceDocument document) => $"{document.Name}\n{document.ApiVersion}\n{document.Root.ToJson()}";

    private SubscriptionDefinition? Read(ResourceDocument document)
    {
        try
        {
            return SubscriptionDocuments.Read(document);
        }
        catch (CelSyntaxException exception)
        {
            Log.DocumentRefused(logger, document.Name, document.File, document.Line, exception.Message);
            return null;
        }
    }
}
