namespace RealTimeMesh.DuckDb.Writes;

/// <summary>New rows of which a column is counted, in a table of their own: a query that is run again could count in another order.</summary>
internal static class NumberedRows
{
    public static async Task<(string Query, long Rows)> StageAsync(DuckDbSession session, string query, CancellationToken cancellationToken)
    {
        var name = session.NextName("numbered");
        await session.ExecuteAsync($"CREATE TEMP TABLE {name} AS {query}", cancellationToken);
        return ($"SELECT * FROM {name}", await session.CountAsync($"SELECT count(*) FROM {name}", cancellationToken));
    }
}
