using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>What becomes of the rows that are marked with a number.</summary>
/// <param name="Set">Columns to set; null to delete the row.</param>
internal sealed record RowChange(int Number, IReadOnlyList<Assignment>? Set)
{
    public bool IsDelete => Set is null;
}
