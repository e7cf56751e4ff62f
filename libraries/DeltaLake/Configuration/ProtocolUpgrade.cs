namespace RealTimeMesh.DeltaLake;

/// <summary>The lowest protocol that holds the features a table asks for; never below the one it has (PROTOCOL.md, "Protocol Evolution").</summary>
internal static class ProtocolUpgrade
{
    private static readonly (string Feature, int Writer)[] s_legacy =
    [
        ("appendOnly", 2), ("invariants", 2), ("checkConstraints", 3), ("changeDataFeed", 4), ("generatedColumns", 4), ("columnMapping", 5), ("identityColumns", 6),
    ];

    /// <summary>Features that the versions alone stand for.</summary>
    public static IEnumerable<string> LegacyFeatures(int minWriterVersion) =>
        minWriterVersion < 7 ? s_legacy.Where(item => item.Writer <= minWriterVersion).Select(item => item.Feature) : [];

    /// <summary>The protocol for these features; the same instance where nothing is missing.</summary>
    public static ProtocolAction For(ProtocolAction current, IReadOnlySet<string> features)
    {
        var held = current.MinWriterVersion >= 7 ? (current.WriterFeatures ?? []).ToHashSet(StringComparer.Ordinal) : [.. LegacyFeatures(current.MinWriterVersion)];
        if (features.IsSubsetOf(held))
            return current;

        // One missing feature moves the table to feature lists, which then name what the old versions stood for.
        var writer = new SortedSet<string>(held, StringComparer.Ordinal);
        writer.UnionWith(features);
        var needsReader = writer.Where(Features.NeedsReader).ToList();
        var onlyMapping = needsReader is ["columnMapping"];
        if (needsReader.Count == 0 && current.MinReaderVersion < 3)
            return new ProtocolAction(current.MinReaderVersion, 7, null, [.. writer]);
        if (onlyMapping && current.MinReaderVersion == 2)
            return new ProtocolAction(2, 7, null, [.. writer]);
        var reader = new SortedSet<string>(current.ReaderFeatures ?? [], StringComparer.Ordinal);
        reader.UnionWith(needsReader);
        return new ProtocolAction(3, 7, [.. reader], [.. writer]);
    }
}
