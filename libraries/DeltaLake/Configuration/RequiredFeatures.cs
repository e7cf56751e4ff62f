namespace RealTimeMesh.DeltaLake;

/// <summary>Which table features a schema and its properties ask for (PROTOCOL.md, "Valid Feature Names in Table Features").</summary>
internal static class RequiredFeatures
{
    /// <summary>Features a writer must name; those a reader must too are in <see cref="Features.NeedsReader"/>.</summary>
    public static SortedSet<string> Of(StructType schema, IReadOnlyDictionary<string, string?> configuration)
    {
        var result = new SortedSet<string>(StringComparer.Ordinal);
        void When(bool asked, params ReadOnlySpan<string> features)
        {
            if (!asked)
                return;
            foreach (var feature in features)
                result.Add(feature);
        }

        When(TableProperties.IsTrue(configuration, TableProperties.AppendOnly), "appendOnly");
        When(TableProperties.IsTrue(configuration, TableProperties.ChangeDataFeed), "changeDataFeed");
        When(TableProperties.IsTrue(configuration, TableProperties.DeletionVectors), "deletionVectors");
        When(TableProperties.IsTrue(configuration, TableProperties.InCommitTimestamps), "inCommitTimestamp");
        When(TableProperties.IsTrue(configuration, TableProperties.RowTracking), RowTracking.Feature, "domainMetadata");
        When(TableProperties.IsTrue(configuration, TableProperties.TypeWidening), "typeWidening");
        When(TableProperties.Text(configuration, TableProperties.CheckpointPolicy) == "v2", "v2Checkpoint");
        When(TableProperties.Text(configuration, TableProperties.ColumnMappingMode) is "name" or "id", "columnMapping");
        foreach (var name in configuration.Keys)
        {
            When(name.StartsWith(TableProperties.ConstraintPrefix, StringComparison.Ordinal), "checkConstraints");
            When(name.StartsWith(TableProperties.FeaturePrefix, StringComparison.Ordinal), name[Math.Min(name.Length, TableProperties.FeaturePrefix.Length)..]);
        }

        foreach (var field in SchemaWalk.Fields(schema))
        {
            When(field.Type.Kind == DeltaTypeKind.TimestampNtz, "timestampNtz");
            When(field.Type.Kind == DeltaTypeKind.Variant, "variantType");
            When(field.Metadata.ContainsKey(RuleReader.InvariantKey), "invariants");
            When(field.Metadata.ContainsKey(RuleReader.GenerationKey), "generatedColumns");
            When(field.Metadata.ContainsKey(RuleReader.DefaultKey), "allowColumnDefaults");
            When(IdentityColumn.Is(field), IdentityColumn.Feature);
        }

        When(SchemaWalk.Types(schema).Any(type => type.Kind == DeltaTypeKind.TimestampNtz), "timestampNtz");
        When(SchemaWalk.Types(schema).Any(type => type.Kind == DeltaTypeKind.Variant), "variantType");
        AddImplied(result);
        return result;
    }

    /// <summary>Adds the features that those in a set rest on.</summary>
    public static void AddImplied(ISet<string> features)
    {
        if (features.Contains("clustering") || features.Contains(RowTracking.Feature))
            features.Add("domainMetadata");
    }
}
