namespace RealTimeMesh.DuckDb.Tables;

/// <summary>A query for rows of data files, good for the session that prepared it.</summary>
/// <param name="Sql">A SELECT.</param>
/// <param name="Files">Positions of the files as given, by the number in the hidden column <see cref="FileColumn"/>.</param>
internal sealed record PreparedScan(string Sql, IReadOnlyList<int> Files)
{
    /// <summary>Hidden column: number of the row's file (BIGINT).</summary>
    public const string FileColumn = "__file";

    /// <summary>Hidden column: number of the row in its file, from 0 (BIGINT).</summary>
    public const string RowColumn = "__row";

    /// <summary>Hidden column of a table with row tracking: the row's stable id (BIGINT).</summary>
    public const string RowIdColumn = "__row_id";

    /// <summary>Hidden column of a table with row tracking: the version that last changed the row (BIGINT).</summary>
    public const string RowVersionColumn = "__row_version";
}
