namespace RealTimeMesh.DeltaLake;

/// <summary>In what the versions of a range changed a table.</summary>
/// <param name="Snapshot">The last version: its schema is that of the changed rows.</param>
/// <param name="Files">Where the changed rows are, by version.</param>
public sealed record ChangeSet(Snapshot Snapshot, IReadOnlyList<ChangeFile> Files);
