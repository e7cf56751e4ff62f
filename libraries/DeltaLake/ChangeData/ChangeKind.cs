namespace RealTimeMesh.DeltaLake;

/// <summary>What happened to the rows of a file.</summary>
public enum ChangeKind
{
    Insert,

    Delete,

    /// <summary>The file's column <c>_change_type</c> tells.</summary>
    Recorded,
}
