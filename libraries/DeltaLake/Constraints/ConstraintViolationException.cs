using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>A row that a table's constraints do not allow. Nothing was written.</summary>
public sealed class ConstraintViolationException : RealTimeMeshException
{
    internal ConstraintViolationException(string table, RowCheck check, string row)
        : base($"Delta table '{table}': {check.Label} is violated by row {{{row}}}; expected it to be true for every row; correct the row or change the constraint.")
    {
        Table = table;
        Check = check;
    }

    /// <summary>Folder of the table.</summary>
    public string Table { get; }

    /// <summary>The constraint.</summary>
    public RowCheck Check { get; }
}
