namespace RealTimeMesh.DeltaLake;

/// <summary>What an optimisation would write anew.</summary>
/// <param name="Commits">Commits it would make.</param>
/// <param name="Files">Files it would put together.</param>
/// <param name="Bytes">Their size, which is about what it needs on the disk.</param>
public sealed record OptimizePreview(int Commits, int Files, long Bytes);
