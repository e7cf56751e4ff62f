namespace RealTimeMesh.DeltaLake;

/// <summary>Finds what the versions of a range changed (PROTOCOL.md, "Change Data Files", "Reading").</summary>
internal sealed class ChangeFeed(DeltaTable table, LogFolder log)
{
    public async Task<ChangeSet> PlanAsync(long from, long? to, CancellationToken cancellationToken)
    {
        var end = await table.RequireSnapshotAsync(to, cancellationToken);
        if (from < 0 || from > end.Version)
            throw Fault($"changes from version {from} to {end.Version} were asked for; expected a first version from 0 to the last one.");
        var commits = await ReadCommitsAsync(from, end.Version, cancellationToken);
        var start = from == end.Version ? end : await table.RequireSnapshotAsync(from, cancellationToken);
        RequireEnabled(start, commits);
        RequireReadable(start, commits, end);
        var times = await table.GetCommitTimesAsync(to is null ? end : await table.RequireSnapshotAsync((long?)null, cancellationToken), cancellationToken);
        var files = new List<ChangeFile>();
        for (var i = 0; i < commits.Count; i++)
            files.AddRange(FilesOf(from + i, commits[i].Commit, await times.OfAsync(from + i, cancellationToken) ?? commits[i].FileTime));
        return new ChangeSet(end, files);
    }

    private static IEnumerable<ChangeFile> FilesOf(long version, LogCommit commit, long time)
    {
        // Change files tell everything that their version changed: the adds and removes beside them say the same again.
        if (commit.Changes.Count > 0)
            return commit.Changes.Select(file => new ChangeFile(file.Path, file.PartitionValues, ChangeKind.Recorded, version, time));

        var removes = commit.Removes.Where(file => file.DataChange).ToLookup(file => file.Path, StringComparer.Ordinal);
        var adds = commit.Adds.Where(file => file.DataChange).ToList();
        var added = adds.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        return adds.SelectMany(add => Added(add, removes[add.Path].FirstOrDefault()))
            .Concat(commit.Removes.Where(remove => remove.DataChange && !added.Contains(remove.Path)).Select(remove =>
                new ChangeFile(remove.Path, remove.PartitionValues ?? new Dictionary<string, string?>(), ChangeKind.Delete, version, time) { Without = remove.DeletionVector }));

        IEnumerable<ChangeFile> Added(AddFile add, RemoveFile? remove)
        {
            var file = new ChangeFile(add.Path, add.PartitionValues, ChangeKind.Insert, version, time);
            if (remove is null)
                return [file with { Without = add.DeletionVector }];
            // The same file with another vector: what the new one deletes beyond the old is deleted, what only the old deletes is back.
            List<ChangeFile> changed = [];
            if (add.DeletionVector is { } now)
                changed.Add(file with { Kind = ChangeKind.Delete, Only = now, Without = remove.DeletionVector });
            if (remove.DeletionVector is { } before)
                changed.Add(file with { Only = before, Without = add.DeletionVector });
            return changed;
        }
    }

    private async Task<IReadOnlyList<(LogCommit Commit, long FileTime)>> ReadCommitsAsync(long from, long to, CancellationToken cancellationToken)
    {
        List<(LogCommit, long)> commits = [];
        for (var version = from; version <= to; version++)
        {
            commits.Add(await log.ReadCommitAsync(version, cancellationToken)
                ?? throw Fault($"the changes of version {version} are gone: its commit was cleaned up; expected it within the log's retention (delta.logRetentionDuration); begin at a later version."));
        }

        return commits;
    }

    private void RequireEnabled(Snapshot start, IReadOnlyList<(LogCommit Commit, long FileTime)> commits)
    {
        var enabled = IsEnabled(start.Configuration);
        for (var i = 0; i < commits.Count; i++)
        {
            enabled = i > 0 && commits[i].Commit.Metadata is { } metadata ? IsEnabled(metadata.Configuration) : enabled;
            if (!enabled)
                throw Fault($"version {start.Version + i} has no change data feed: {TableProperties.ChangeDataFeed} was not true; expected it for every version from {start.Version} to {start.Version + commits.Count - 1}; ask for a range in which it was.");
        }
    }

    /// <summary>Old rows are read with the last version's schema: a column that became another is an error, not nulls or garbage.</summary>
    private void RequireReadable(Snapshot start, IReadOnlyList<(LogCommit Commit, long FileTime)> commits, Snapshot end)
    {
        RequireReadable(start.Version, start.Schema, end);
        for (var i = 1; i < commits.Count - 1; i++)
        {
            if (commits[i].Commit.Metadata is { } metadata)
                RequireReadable(start.Version + i, ReadableSchema.Of(end.Table, metadata), end);
        }
    }

    private void RequireReadable(long version, StructType schema, Snapshot end)
    {
        foreach (var old in schema.Fields)
        {
            var now = end.Schema.Fields.FirstOrDefault(field => field.PhysicalName == old.PhysicalName);
            if (now is not null && !ReadsAs(old.Type, now.Type))
                throw Fault($"changes of version {version} cannot be read with the schema of version {end.Version}: column '{now.Name}' was {old.Type} and is {now.Type}; expected the same type or a wider one; end the range before the change.");
            if (now is null && end.ColumnMapping == ColumnMappingMode.None)
                throw Fault($"changes of version {version} cannot be read with the schema of version {end.Version}: column '{old.Name}' is gone; expected columns to be added only; end the range before the change.");
        }
    }

    private static bool ReadsAs(DeltaType old, DeltaType now) => (old, now) switch
    {
        (StructType before, StructType after) => after.Fields.All(field =>
            before.Fields.FirstOrDefault(item => item.PhysicalName == field.PhysicalName) is not { } match || ReadsAs(match.Type, field.Type)),
        (ArrayType before, ArrayType after) => ReadsAs(before.ElementType, after.ElementType),
        (MapType before, MapType after) => ReadsAs(before.KeyType, after.KeyType) && ReadsAs(before.ValueType, after.ValueType),
        _ => TypeWidening.IsAllowed(old, now),
    };

    private static bool IsEnabled(IReadOnlyDictionary<string, string?> configuration) =>
        TableProperties.IsTrue(configuration, TableProperties.ChangeDataFeed);

    private DeltaException Fault(string message) => new(table.Path, message);
}
