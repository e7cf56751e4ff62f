namespace RealTimeMesh.DeltaLake;

/// <summary>Which tables this library may read and write; what it cannot honour it refuses by name (PROTOCOL.md, "Table Features").</summary>
internal static class Features
{
    private static readonly HashSet<string> s_reader = new(StringComparer.Ordinal) { "columnMapping", "deletionVectors", "timestampNtz", "typeWidening", "typeWidening-preview", "v2Checkpoint", "vacuumProtocolCheck" };

    private static readonly HashSet<string> s_writer = new(StringComparer.Ordinal)
    {
        "allowColumnDefaults", "appendOnly", "changeDataFeed", "checkConstraints", "clustering", "columnMapping",
        "deletionVectors", "domainMetadata", "generatedColumns", IdentityColumn.Feature, "inCommitTimestamp",
        "invariants", RowTracking.Feature, "timestampNtz", "typeWidening", "typeWidening-preview", "v2Checkpoint",
        "vacuumProtocolCheck",
    };

    private static readonly HashSet<string> s_needsReader = new(StringComparer.Ordinal)
    {
        "catalogManaged", "columnMapping", "deletionVectors", "geospatial", "timestampNtz", "typeWidening", "typeWidening-preview", "v2Checkpoint", "vacuumProtocolCheck",
        "variantShredding", "variantShredding-preview", "variantType", "variantType-preview",
    };

    /// <summary>Whether a feature must stand in <c>readerFeatures</c> too.</summary>
    public static bool NeedsReader(string feature) => s_needsReader.Contains(feature);

    /// <summary>Whether a writer has to honour a feature on this table: by name, or by the version that stands for it.</summary>
    public static bool IsOn(ProtocolAction protocol, string feature) =>
        protocol.MinWriterVersion >= 7 ? protocol.WriterFeatures?.Contains(feature) ?? false : ProtocolUpgrade.LegacyFeatures(protocol.MinWriterVersion).Contains(feature);

    public static void CheckRead(string table, ProtocolAction protocol)
    {
        if (protocol.MinReaderVersion is < 1 or > 3)
            throw Refused(table, "read", $"reader version {protocol.MinReaderVersion}", "1 to 3");
        var asked = protocol.MinReaderVersion switch
        {
            3 => protocol.ReaderFeatures ?? [],
            2 => ["columnMapping"],
            _ => [],
        };
        Check(table, "read", protocol.MinReaderVersion == 2 ? "reader version 2: " : "", asked, s_reader);
    }

    public static void CheckWrite(string table, ProtocolAction protocol, StructType schema, IReadOnlyDictionary<string, string?> configuration)
    {
        CheckRead(table, protocol);
        if (protocol.MinWriterVersion is < 1 or > 7)
            throw Refused(table, "written", $"writer version {protocol.MinWriterVersion}", "1 to 7");
        // Versions below 7 stand for features that a table may have without using them.
        var used = protocol.MinWriterVersion == 7 ? protocol.WriterFeatures ?? [] : [.. RequiredFeatures.Of(schema, configuration)];
        Check(table, "written", protocol.MinWriterVersion == 7 ? "" : $"writer version {protocol.MinWriterVersion}: ", used, s_writer);
        // Rules that cannot be evaluated are refused now, before a row is read or written.
        WriteRules.For(table, schema, configuration, DateTimeOffset.UnixEpoch);
    }

    public static void CheckWrite(Snapshot snapshot) => CheckWrite(snapshot.Table, snapshot.Protocol, snapshot.Schema, snapshot.Configuration);

    public static bool IsAppendOnly(Snapshot snapshot) => TableProperties.IsTrue(snapshot.Configuration, TableProperties.AppendOnly);

    private static void Check(string table, string verb, string prefix, IReadOnlyList<string> features, HashSet<string> known)
    {
        var unknown = features.Where(feature => !known.Contains(feature)).ToList();
        if (unknown.Count > 0)
            throw Refused(table, verb, $"{prefix}feature{(unknown.Count > 1 ? "s" : "")} {string.Join(", ", unknown)}", string.Join(", ", known.Order(StringComparer.Ordinal)));
    }

    private static DeltaUnsupportedException Refused(string table, string verb, string found, string expected) =>
        new(table, $"cannot be {verb}: found {found}; expected {expected}; use an engine that supports it.");
}
