using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>What has to happen to components so that those of the files run. In the order in which it has to happen.</summary>
internal sealed record ComponentDiff(IReadOnlyList<ComponentSpec> Deleted, IReadOnlyList<ComponentSpec> Updated, IReadOnlyList<ComponentSpec> Created)
{
    public static ComponentDiff Between(IReadOnlyDictionary<string, ComponentSpec> known, IReadOnlyList<ComponentSpec> wanted)
    {
        var names = wanted.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal);
        return new ComponentDiff(
            [.. known.Values.Where(spec => !names.Contains(spec.Name))],
            [.. SecretStoresFirst(wanted.Where(spec => known.TryGetValue(spec.Name, out var old) && !AreSame(old, spec)))],
            [.. SecretStoresFirst(wanted.Where(spec => !known.ContainsKey(spec.Name)))]);
    }

    /// <summary>Other components may need their secrets.</summary>
    public static IEnumerable<ComponentSpec> SecretStoresFirst(IEnumerable<ComponentSpec> specs) =>
        specs.OrderBy(spec => ComponentCategories.IsSecretStore(spec.Type) ? 0 : 1);

    /// <summary>Whether both start the same component; where they stand in the files does not count.</summary>
    private static bool AreSame(ComponentSpec one, ComponentSpec other) =>
        one.Type == other.Type && one.Version == other.Version && one.VersionOmitted == other.VersionOmitted
        && one.SecretStore == other.SecretStore && one.IgnoreErrors == other.IgnoreErrors && one.InitTimeout == other.InitTimeout
        && one.Scopes.SequenceEqual(other.Scopes, StringComparer.Ordinal)
        && one.Settings.Select(WithoutLine).SequenceEqual(other.Settings.Select(WithoutLine));

    private static ResourceSetting WithoutLine(ResourceSetting setting) => setting with { Line = 0 };
}
