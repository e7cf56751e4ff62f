using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.State;

/// <summary>What both APIs tell of an item beside its value and version.</summary>
internal static class StateMetadata
{
    public static IEnumerable<KeyValuePair<string, string>> Of(StateItem item)
    {
        if (item.ExpiresAt is { } end)
            yield return new("ttlExpireTime", CloudEvents.Rfc3339(end));
        foreach (var pair in item.Metadata ?? StateItemRequest.NoMetadata)
        {
            if (pair.Key != "ttlExpireTime" || item.ExpiresAt is null)
                yield return pair;
        }
    }
}
