using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>The snapshots a build works from.</summary>
/// <param name="BuiltVersion">Version of the source that the target holds; -1 where none.</param>
internal sealed record BuildInputs(DeltaTable SourceTable, Snapshot Source, DeltaTable TargetTable, Snapshot? Target, long BuiltVersion)
{
    /// <summary>What the source's versions after <see cref="BuiltVersion"/> changed; null where that is no longer known and everything must be built.</summary>
    public async Task<SourceChanges?> ChangesAsync(CancellationToken cancellationToken)
    {
        if (BuiltVersion > Source.Version)
            return null;
        Snapshot? before;
        FileDifference difference;
        try
        {
            before = await SourceTable.GetSnapshotAsync(BuiltVersion, cancellationToken);
            if (before is null)
                return null;
            difference = await SourceTable.GetDifferenceAsync(before, Source, cancellationToken);
        }
        catch (DeltaException exception) when (exception is not DeltaUnsupportedException)
        {
            // The log no longer reaches back to the version that was built.
            return null;
        }

        // Rows of removed and of rearranged files tell which keys to build; where they were vacuumed away, only a full build is right.
        return difference.Added.Concat(difference.Removed).All(file => File.Exists(SnapshotViews.PathOf(SourceTable.Path, file)))
            ? new SourceChanges(before, difference.Added, difference.Removed)
            : null;
    }
}

/// <summary>Files that came and went between two versions of a source.</summary>
internal sealed record SourceChanges(Snapshot Before, IReadOnlyList<AddFile> Added, IReadOnlyList<AddFile> Removed);
