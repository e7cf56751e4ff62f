using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Rows of a batch that go into one data file: all, or those of an index.</summary>
internal readonly record struct RowSlice(ColumnBatch Batch, IReadOnlyList<int>? Rows)
{
    public int Count => Rows?.Count ?? Batch.Count;
}
