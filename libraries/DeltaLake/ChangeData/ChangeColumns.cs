namespace RealTimeMesh.DeltaLake;

/// <summary>The columns that a change data feed adds to those of the table (PROTOCOL.md, "Change Data Files").</summary>
public static class ChangeColumns
{
    public const string ChangeType = "_change_type";
    public const string CommitVersion = "_commit_version";
    public const string CommitTimestamp = "_commit_timestamp";
}
