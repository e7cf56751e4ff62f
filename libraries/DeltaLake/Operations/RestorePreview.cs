namespace RealTimeMesh.DeltaLake;

/// <summary>What a restore would change.</summary>
/// <param name="FromVersion">The newest version, which it starts from.</param>
/// <param name="ToVersion">The version whose content comes back.</param>
/// <param name="RowsBefore">Live rows now; -1 where a file does not tell. Likewise after.</param>
/// <param name="Restored">Files that come back.</param>
/// <param name="Removed">Files that go.</param>
/// <param name="Missing">Files, relative to the table, that would have to come back and were deleted.</param>
/// <param name="MetadataChanges">What changes in schema, partitioning and properties, a line each.</param>
public sealed record RestorePreview(
    long FromVersion, long ToVersion, long RowsBefore, long RowsAfter, IReadOnlyList<AddFile> Restored, IReadOnlyList<AddFile> Removed, IReadOnlyList<string> Missing, IReadOnlyList<string> MetadataChanges)
{
    /// <summary>True where the table is already what it was.</summary>
    public bool IsEmpty => Restored.Count == 0 && Removed.Count == 0 && MetadataChanges.Count == 0;
}
