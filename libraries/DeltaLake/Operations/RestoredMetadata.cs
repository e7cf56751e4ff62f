namespace RealTimeMesh.DeltaLake;

/// <summary>The part of a restore that is not files: schema, partitioning, properties and domains. The protocol never goes back.</summary>
internal static class RestoredMetadata
{
    /// <summary>These only ever grow, or belong to the commit that set them.</summary>
    private static readonly HashSet<string> s_kept = new(StringComparer.Ordinal)
    {
        TableProperties.ColumnMappingMaxId, TableProperties.InCommitTimestamps, TableProperties.InCommitTimestampVersion, TableProperties.InCommitTimestampTime,
        TableProperties.RowTracking, TableProperties.RowTrackingSuspended, TableProperties.RowIdColumn, TableProperties.RowCommitVersionColumn,
    };

    /// <summary>The changes, a line each; none where the metadata is the same.</summary>
    public static IReadOnlyList<string> Changes(Snapshot now, Snapshot then)
    {
        List<string> changes = [];
        var schema = SchemaOf(now, then);
        foreach (var field in now.Schema.Fields)
        {
            if (schema.Find(field.Name) is not { } old)
                changes.Add($"column {field.Name} goes");
            else if (old.Type != field.Type)
                changes.Add($"column {field.Name} becomes {old.Type} (is {field.Type})");
        }

        changes.AddRange(schema.Fields.Where(field => now.Schema.Find(field.Name) is null).Select(field => $"column {field.Name} {field.Type} comes back"));
        if (changes.Count == 0 && IdentityColumns.Unmarked(now.Schema) != IdentityColumns.Unmarked(schema))
            changes.Add("order, comments or rules of columns change");
        if (!now.PartitionColumns.SequenceEqual(then.PartitionColumns))
            changes.Add($"partitioned by {Names(then.PartitionColumns)} (is by {Names(now.PartitionColumns)})");
        if (now.Name != then.Name || now.Metadata!.Description != then.Metadata!.Description)
            changes.Add("name or description change");
        foreach (var name in Differing(now.Configuration, then.Configuration))
            changes.Add(then.Configuration.TryGetValue(name, out var value) ? $"property {name} becomes {value}" : $"property {name} goes");
        changes.AddRange(Domains(now, then).Select(domain => then.Domains.ContainsKey(domain) ? $"domain {domain} comes back" : $"domain {domain} goes"));
        return changes;
    }

    public static void Apply(DeltaTransaction transaction, Snapshot now, Snapshot then)
    {
        transaction.SetMetadata(SchemaOf(now, then), then);
        var differing = Differing(now.Configuration, then.Configuration).ToList();
        transaction.UnsetProperties(differing.Where(name => !then.Configuration.ContainsKey(name)));
        transaction.SetProperties(differing.Where(then.Configuration.ContainsKey).Select(name => new KeyValuePair<string, string?>(name, then.Configuration[name])));
        foreach (var domain in Domains(now, then))
            transaction.SetDomain(domain, then.Domains.GetValueOrDefault(domain));
    }

    /// <summary>Column mapping cannot be turned off: columns of before get the names and ids that they have had since.</summary>
    private static StructType SchemaOf(Snapshot now, Snapshot then) =>
        ColumnMapping.IsOn(now.Configuration) && !ColumnMapping.IsOn(then.Configuration) ? ColumnMapping.Adopt(then.Schema, now.Schema) : then.Schema;

    private static IEnumerable<string> Differing(IReadOnlyDictionary<string, string?> now, IReadOnlyDictionary<string, string?> then) =>
        now.Keys.Union(then.Keys).Where(name => !s_kept.Contains(name) && !(name == TableProperties.ColumnMappingMode && ColumnMapping.IsOn(now)) && (!now.TryGetValue(name, out var current) || !then.TryGetValue(name, out var old) || current != old)).Order(StringComparer.Ordinal);

    /// <summary>Row ids are never given twice: the mark of the highest stays.</summary>
    private static IEnumerable<string> Domains(Snapshot now, Snapshot then) =>
        now.Domains.Keys.Union(then.Domains.Keys).Where(domain => domain != RowIds.Domain && now.Domains.GetValueOrDefault(domain) != then.Domains.GetValueOrDefault(domain)).Order(StringComparer.Ordinal);

    private static string Names(IReadOnlyList<string> columns) => columns.Count == 0 ? "nothing" : string.Join(", ", columns);
}
