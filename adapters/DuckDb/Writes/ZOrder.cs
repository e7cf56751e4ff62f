using System.Globalization;
using System.Numerics;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Expressions;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>
/// A sort order in which rows that are alike in several columns lie together: each value becomes the number of its range among sampled
/// quantiles, and the bits of the numbers are interleaved.
/// </summary>
internal static class ZOrder
{
    /// <summary>Ranges of a column; more would make the order finer than files are.</summary>
    private const int Bits = 8;

    private const int SampledRows = 100_000;

    /// <summary>The scan with what its rows are ordered by, and the ORDER BY.</summary>
    public static async Task<(string Scan, string Order)> OrderAsync(DuckDbSession session, string scan, IReadOnlyList<ColumnReference> columns, CancellationToken cancellationToken)
    {
        if (columns.Count == 1)
            return (scan, $" ORDER BY {DuckDbExpressions.ToSql(columns[0])}");
        var ranks = new List<string>();
        foreach (var column in columns)
            ranks.Add($"{await RankAsync(session, scan, DuckDbExpressions.ToSql(column), cancellationToken)} AS {Rank(ranks.Count)}");
        var bits = new List<string>();
        for (var bit = 0; bit < Bits; bit++)
        {
            for (var i = 0; i < columns.Count; i++)
                bits.Add(string.Create(CultureInfo.InvariantCulture, $"(({Rank(i)} >> {bit}) & 1)::HUGEINT * {BigInteger.One << ((bit * columns.Count) + columns.Count - 1 - i)}"));
        }

        return ($"SELECT *, {string.Join(", ", ranks)} FROM ({scan})", $" ORDER BY {string.Join(" + ", bits)}");
    }

    /// <summary>The number of a value's range, 0 for null: found among the bounds by halves.</summary>
    private static async Task<string> RankAsync(DuckDbSession session, string scan, string column, CancellationToken cancellationToken)
    {
        var bounds = session.NextName("bounds");
        // A bound for each range; equal values fall into one.
        await session.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            SET VARIABLE {bounds} = (SELECT list(DISTINCT value ORDER BY value) FROM (
              SELECT value FROM (SELECT value, row_number() OVER (ORDER BY value) AS n, count(*) OVER () AS total
                FROM (SELECT {column} AS value FROM ({scan}) WHERE {column} IS NOT NULL USING SAMPLE reservoir({SampledRows} ROWS) REPEATABLE (1)))
              WHERE (n * {1 << Bits}) // total <> ((n - 1) * {1 << Bits}) // total))
            """), cancellationToken);
        var count = (int)await session.CountAsync($"SELECT coalesce(len(getvariable('{bounds}')), 0)", cancellationToken);
        return Half(0, Math.Min(count, (1 << Bits) - 1));

        string Half(int low, int high)
        {
            if (low == high)
                return low.ToString(CultureInfo.InvariantCulture);
            var middle = (low + high) / 2;
            return string.Create(CultureInfo.InvariantCulture, $"CASE WHEN {column} > getvariable('{bounds}')[{middle + 1}] THEN {Half(middle + 1, high)} ELSE {Half(low, middle)} END");
        }
    }

    private static string Rank(int column) => string.Create(CultureInfo.InvariantCulture, $"__rank{column}");
}
