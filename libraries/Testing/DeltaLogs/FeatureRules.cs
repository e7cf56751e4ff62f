namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>The protocol action, and that it names what the table uses (PROTOCOL.md, "Table Features").</summary>
internal sealed class FeatureRules(Faults faults, bool strict)
{
    private static readonly HashSet<string> s_readers = new(StringComparer.Ordinal)
    {
        "catalogManaged", "columnMapping", "deletionVectors", "geospatial", "timestampNtz", "typeWidening", "typeWidening-preview", "v2Checkpoint", "vacuumProtocolCheck",
        "variantShredding", "variantShredding-preview", "variantType", "variantType-preview",
    };

    private static readonly Dictionary<string, int> s_legacy = new(StringComparer.Ordinal)
    {
        ["appendOnly"] = 2, ["invariants"] = 2, ["checkConstraints"] = 3, ["changeDataFeed"] = 4, ["generatedColumns"] = 4, ["columnMapping"] = 5, ["identityColumns"] = 6,
    };

    public void CheckProtocol(ReplayedLog state, IReadOnlySet<string> writerBefore, int readerVersionBefore, int writerVersionBefore)
    {
        void Fault(string field, string found, string expected) => faults.Add(state.Version, $"protocol.{field}", found, expected);
        var (reader, writer) = (state.ReaderVersion, state.WriterVersion);
        if (reader is < 1 or > 3)
            Fault("minReaderVersion", $"{reader}", "1 to 3");
        if (writer is < 1 or > 7)
            Fault("minWriterVersion", $"{writer}", "1 to 7");
        if (reader == 3 && writer != 7)
            Fault("minWriterVersion", $"{writer}", "7 beside reader version 3");
        Listed("readerFeatures", state.Protocol?["readerFeatures"] is not null, reader == 3, "reader version 3", Fault);
        Listed("writerFeatures", state.Protocol?["writerFeatures"] is not null, writer == 7, "writer version 7", Fault);
        foreach (var (name, features) in new[] { ("readerFeatures", state.ReaderFeatures), ("writerFeatures", state.WriterFeatures) })
        {
            if (state.Protocol?[name] is System.Text.Json.Nodes.JsonArray array && array.Count != features.Count)
                Fault(name, Faults.Text(array), "each feature once");
        }

        foreach (var feature in state.ReaderFeatures.Where(feature => !state.WriterFeatures.Contains(feature)))
            Fault("writerFeatures", $"no {feature}", "every reader feature");
        foreach (var feature in state.WriterFeatures.Where(feature => s_readers.Contains(feature) && !state.ReaderFeatures.Contains(feature) && !(feature == "columnMapping" && reader == 2)))
            Fault("readerFeatures", $"no {feature}", "it in both lists: readers must know it");
        foreach (var feature in state.ReaderFeatures.Where(feature => !s_readers.Contains(feature)))
        {
            if (strict)
                Fault("readerFeatures", feature, "no feature that concerns writers only");
        }

        if (!strict)
            return;
        if (reader < readerVersionBefore || writer < writerVersionBefore)
            Fault("minReaderVersion, minWriterVersion", $"{reader}, {writer}", $"no less than {readerVersionBefore}, {writerVersionBefore} before");
        foreach (var feature in writerBefore.Where(feature => !state.WriterFeatures.Contains(feature)))
            Fault("writerFeatures", $"no {feature}", "the features of the version before");
    }

    /// <summary>That whoever must know a feature is told of it.</summary>
    /// <param name="use">What in the table uses it.</param>
    public void Need(ReplayedLog state, string feature, string use)
    {
        var names = feature is "typeWidening" or "variantType" or "variantShredding" ? new[] { feature, feature + "-preview" } : [feature];
        var writer = state.WriterVersion >= 7 ? names.Any(state.WriterFeatures.Contains) : s_legacy.TryGetValue(feature, out var version) && state.WriterVersion >= version;
        if (!writer)
            faults.Add(state.Version, "protocol", $"writer version {state.WriterVersion} with [{string.Join(", ", state.WriterFeatures)}]", $"{feature}: {use}");
        if (s_readers.Contains(feature) && !(state.ReaderVersion >= 3 ? names.Any(state.ReaderFeatures.Contains) : feature == "columnMapping" && state.ReaderVersion == 2))
            faults.Add(state.Version, "protocol", $"reader version {state.ReaderVersion} with [{string.Join(", ", state.ReaderFeatures)}]", $"{feature}: {use}");
    }

    /// <summary>What properties and schema ask for.</summary>
    public void CheckUse(ReplayedLog state)
    {
        foreach (var (property, feature) in new[]
        {
            ("delta.appendOnly", "appendOnly"), ("delta.enableChangeDataFeed", "changeDataFeed"), ("delta.enableDeletionVectors", "deletionVectors"),
            ("delta.enableInCommitTimestamps", "inCommitTimestamp"), ("delta.enableRowTracking", "rowTracking"), ("delta.enableTypeWidening", "typeWidening"),
            ("delta.enableVariantShredding", "variantShredding"), ("delta.enableIcebergCompatV1", "icebergCompatV1"), ("delta.enableIcebergCompatV2", "icebergCompatV2"),
        })
        {
            if (state.IsOn(property))
                Need(state, feature, $"{property} is true");
        }

        if (state.IsMapped)
            Need(state, "columnMapping", "delta.columnMapping.mode is set");
        if (state.Property("delta.checkpointPolicy") == "v2")
            Need(state, "v2Checkpoint", "delta.checkpointPolicy is v2");
        foreach (var (name, _) in state.Metadata?["configuration"] as System.Text.Json.Nodes.JsonObject ?? [])
        {
            if (name.StartsWith("delta.constraints.", StringComparison.Ordinal))
                Need(state, "checkConstraints", name);
            else if (strict && name.StartsWith("delta.feature.", StringComparison.Ordinal))
                faults.Add(state.Version, "metaData.configuration", name, "features in the protocol only");
        }

        foreach (var field in state.Schema)
            CheckField(state, field);
        // The names of types stand also where there is no field: elements, keys and values.
        var schema = state.Metadata?["schemaString"]?.ToString() ?? "";
        if (schema.Contains("\"timestamp_ntz\"", StringComparison.Ordinal) && state.Schema.Any(field => field.Json["type"]?.ToJsonString().Contains("\"timestamp_ntz\"", StringComparison.Ordinal) == true))
            Need(state, "timestampNtz", "a timestamp_ntz");
        foreach (var domain in state.Domains.Values)
        {
            Need(state, "domainMetadata", domain.Subject);
            if (domain.Text("domain") is "delta.rowTracking" or "delta.clustering")
                Need(state, domain.Text("domain") == "delta.clustering" ? "clustering" : "rowTracking", domain.Subject);
        }

        if (state.WriterFeatures.Contains("clustering") || state.WriterFeatures.Contains("rowTracking"))
            Need(state, "domainMetadata", "clustering or rowTracking");
    }

    private void CheckField(ReplayedLog state, LogField field)
    {
        if (field.TypeName == "variant")
            Need(state, "variantType", $"column {field.Dotted}");
        foreach (var (key, feature) in new[] { ("delta.invariants", "invariants"), ("delta.generationExpression", "generatedColumns"), ("CURRENT_DEFAULT", "allowColumnDefaults"), ("delta.identity.start", "identityColumns"), ("delta.typeChanges", "typeWidening") })
        {
            if (field.Metadata.ContainsKey(key))
                Need(state, feature, $"column {field.Dotted} has {key}");
        }
    }

    private static void Listed(string field, bool isThere, bool wanted, string by, Action<string, string, string> fault)
    {
        if (isThere != wanted)
            fault(field, isThere ? "a list" : "none", wanted ? $"a list: {by}" : $"none below {by}");
    }
}
