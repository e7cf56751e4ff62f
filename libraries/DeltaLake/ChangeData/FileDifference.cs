namespace RealTimeMesh.DeltaLake;

/// <summary>In which data files two versions of a table differ.</summary>
/// <param name="Added">Files with the rows that came. One that was rearranged since (OPTIMIZE) is still meant: it stays on the disk until a vacuum.</param>
/// <param name="Removed">Files of the earlier version whose rows went, all or some: what is left of them is in <paramref name="Added"/>.</param>
public sealed record FileDifference(IReadOnlyList<AddFile> Added, IReadOnlyList<AddFile> Removed);
