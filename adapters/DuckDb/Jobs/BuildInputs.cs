using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>The snapshots a build works from.</summary>
/// <param name="BuiltVersion">Version of the source that the target holds; -1 where none.</param>
internal sealed record BuildInputs(DeltaTable SourceTable, Snapshot Source, DeltaTable TargetTable, Snapshot? Target, long BuiltVersion)
{
    /// <summary>What the source's versions after <see cref="BuiltVersion"/> changed; null where that is no longer known and everything must be built.</summary>
    public async Task<SourceChanges?> ChangesAsync(CancellationToken cancellationToken)
    {
        if (BuiltVersion > Source.Version || await SourceTable.GetSnapshotAsync(BuiltVersion, cancellationToken) is not { } before)
            return null;
        var added = await SourceTable.GetAddedFilesAsync(Source, BuiltVersion, cancellationToken);
        // A file with another deletion vector lost rows: it counts as removed, and as added with those it has left.
        var live = Source.Files.Select(file => (file.Path, file.DeletionVector?.UniqueId)).ToHashSet();
        var removed = before.Files.Where(file => !live.Contains((file.Path, file.DeletionVector?.UniqueId))).ToList();
        // Rows of a removed file tell which keys lost rows; where it was cleaned away, only a full build is right.
        return removed.All(file => File.Exists(SnapshotViews.PathOf(SourceTable.Path, file))) ? new SourceChanges(before, added, removed) : null;
    }
}

/// <summary>Files that came and went between two versions of a source.</summary>
internal sealed record SourceChanges(Snapshot Before, IReadOnlyList<AddFile> Added, IReadOnlyList<AddFile> Removed);
