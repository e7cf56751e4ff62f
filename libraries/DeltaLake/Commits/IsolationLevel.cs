namespace RealTimeMesh.DeltaLake;

/// <summary>How far concurrent commits must look as if they had been made one after the other (<c>delta.isolationLevel</c>).</summary>
public enum IsolationLevel
{
    /// <summary>Reads and writes have one order. The default, as in Delta's open source writers.</summary>
    Serializable,

    /// <summary>Writes have one order; rows that were appended blindly in the meantime need not have been read.</summary>
    WriteSerializable,

    /// <summary>For commits that change no data, such as OPTIMIZE: only what they rewrite must still be there.</summary>
    SnapshotIsolation,
}
