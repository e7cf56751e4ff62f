using RealTimeMesh.DuckDb;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>A user's query made printable: types of DuckDB that Delta has not are turned into text.</summary>
internal static class PrintableQuery
{
    /// <summary>The query to run, and the positions of its columns that are integers of 128 bits, such as the sum of integers.</summary>
    public static async Task<(string Sql, IReadOnlyList<int> Integers)> OfAsync(DuckDbSession session, string sql, CancellationToken cancellationToken)
    {
        var text = await QueryText.ReadAsync(session, sql, cancellationToken);
        var columns = await DescribeAsync(session, text, cancellationToken);
        var integers = columns.Select((column, i) => (column, i)).Where(item => item.column.Type is "HUGEINT" or "UHUGEINT").Select(item => item.i).ToList();
        if (columns.All(column => !IsForeign(column.Type)))
            return (text, integers);
        var names = columns.Select((column, i) => IsForeign(column.Type)
            ? $"CAST(c{i} AS VARCHAR) AS {SqlText.Identifier(column.Name)}"
            : $"c{i} AS {SqlText.Identifier(column.Name)}");
        return ($"SELECT {string.Join(", ", names)} FROM ({text}\n) r({string.Join(", ", columns.Select((_, i) => $"c{i}"))})", integers);
    }

    private static async Task<IReadOnlyList<QueryColumn>> DescribeAsync(DuckDbSession session, string text, CancellationToken cancellationToken)
    {
        try
        {
            // On a line of its own, so that the place of a fault is one of the text.
            return await session.DescribeAsync("\n" + text, cancellationToken);
        }
        catch (DuckDbFaultException exception)
        {
            throw QueryText.Own(exception);
        }
    }

    private static bool IsForeign(string type) =>
        type is "INTERVAL" or "BIT" or "UUID" or "BIGNUM" or "UHUGEINT"
        || type.StartsWith("TIME", StringComparison.Ordinal) && !type.StartsWith("TIMESTAMP", StringComparison.Ordinal)
        || type.StartsWith("ENUM(", StringComparison.Ordinal)
        || type.StartsWith("UNION(", StringComparison.Ordinal)
        || (type.EndsWith(']') && !type.EndsWith("[]", StringComparison.Ordinal));
}
