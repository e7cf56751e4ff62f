namespace RealTimeMesh.DeltaLake;

/// <summary>A complete checkpoint in a log folder: one file (classic, or V2 with sidecars), or all parts of a multi-part one.</summary>
internal sealed record CheckpointFiles(long Version, IReadOnlyList<string> Paths);
