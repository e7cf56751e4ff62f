namespace RealTimeMesh.DuckDb.RowGroups;

/// <summary>Rows of a file by their numbers, <paramref name="End"/> excluded.</summary>
internal readonly record struct RowRange(long First, long End);
