namespace RealTimeMesh.DeltaLake;

/// <summary>Thrown by operations whose transaction met a commit it cannot follow, after every retry that could help.</summary>
public sealed class DeltaConflictException : Exception
{
    public DeltaConflictException(string table, string operation, CommitResult.Conflict conflict)
        : base($"Delta table '{table}': {operation} lost to version {conflict.Version} ({conflict.Kind}): {conflict.Reason}; nothing was changed; run it again on the newest version.") =>
        (Table, Conflict) = (table, conflict);

    /// <summary>Folder of the table.</summary>
    public string Table { get; }

    public CommitResult.Conflict Conflict { get; }
}
