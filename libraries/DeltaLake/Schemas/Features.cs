namespace RealTimeMesh.DeltaLake;

/// <summary>Which tables this library may read and write; what it cannot honour it refuses by name (PROTOCOL.md, "Table Features").</summary>
internal static class Features
{
    private static readonly HashSet<string> s_reader = new(StringComparer.Ordinal) { "vacuumProtocolCheck" };
    private static readonly HashSet<string> s_writer = new(StringComparer.Ordinal) { "appendOnly", "invariants", "vacuumProtocolCheck" };
    private static readonly string[] s_legacyWriter = ["", "", "appendOnly, invariants", "checkConstraints", "changeDataFeed, generatedColumns", "columnMapping", "identityColumns"];

    public static void CheckRead(string table, ProtocolAction protocol)
    {
        if (protocol.MinReaderVersion is < 1 or > 3)
            throw Refused(table, "read", $"reader version {protocol.MinReaderVersion}", "1 or 3");
        if (protocol.MinReaderVersion == 2)
            throw Refused(table, "read", "reader version 2 (feature columnMapping)", "1 or 3 without it");
        Check(table, "read", protocol.MinReaderVersion == 3 ? protocol.ReaderFeatures ?? [] : [], s_reader);
    }

    public static void CheckWrite(string table, ProtocolAction protocol, MetadataAction metadata)
    {
        CheckRead(table, protocol);
        if (protocol.MinWriterVersion is > 2 and < 7)
            throw Refused(table, "written", $"writer version {protocol.MinWriterVersion} (features up to {s_legacyWriter[protocol.MinWriterVersion]})", "1, 2 or 7 without them");
        if (protocol.MinWriterVersion is < 1 or > 7)
            throw Refused(table, "written", $"writer version {protocol.MinWriterVersion}", "1, 2 or 7");
        Check(table, "written", protocol.MinWriterVersion == 7 ? protocol.WriterFeatures ?? [] : [], s_writer);
        var obstacles = WriteObstacles(SchemaJson.Read(table, metadata.SchemaString)).ToList();
        if (obstacles.Count > 0)
            throw Refused(table, "written", string.Join(", ", obstacles), "columns without rules that a writer must evaluate");
    }

    public static bool IsAppendOnly(MetadataAction metadata) =>
        metadata.Configuration.TryGetValue("delta.appendOnly", out var value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>What a writer would have to enforce and this one cannot.</summary>
    private static IEnumerable<string> WriteObstacles(StructType schema) =>
        from field in schema.Fields
        from key in field.Metadata.Keys
        where key is "delta.invariants" or "delta.generationExpression" || key.StartsWith("delta.identity.", StringComparison.Ordinal)
        select $"column '{field.Name}' has {key}";

    private static void Check(string table, string verb, IReadOnlyList<string> features, HashSet<string> known)
    {
        var unknown = features.Where(feature => !known.Contains(feature)).ToList();
        if (unknown.Count > 0)
            throw Refused(table, verb, $"feature{(unknown.Count > 1 ? "s" : "")} {string.Join(", ", unknown)}", string.Join(", ", known));
    }

    private static DeltaException Refused(string table, string verb, string found, string expected) =>
        new(table, $"cannot be {verb}: found {found}; expected {expected}; use an engine that supports it.");
}
