namespace RealTimeMesh.DeltaLake;

/// <summary>Names of the columns that a scan with row ids has beside the table's (feature <c>rowTracking</c>).</summary>
public static class RowColumns
{
    /// <summary>A number that stays with a row whatever happens to it (long).</summary>
    public const string RowId = "_row_id";

    /// <summary>The version in which the row was inserted or last updated (long).</summary>
    public const string RowCommitVersion = "_row_commit_version";
}
