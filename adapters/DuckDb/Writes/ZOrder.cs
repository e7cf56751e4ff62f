using System.Globalization;
using System.Text;
using RealTimeMesh.DeltaLake;

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

    public static async Task<string> OrderAsync(DuckDbSession session, string scan, IReadOnlyList<SchemaField> columns, CancellationToken cancellationToken)
    {
        var ranks = new List<string>();
        foreach (var column in columns)
        {
            var name = SqlText.Identifier(column.Name);
            var bounds = session.NextName("bounds");
            // A bound for each range; equal values fall into one.
            await session.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
                CREATE TEMP TABLE {bounds} AS SELECT list(DISTINCT value ORDER BY value) AS bounds FROM (
                  SELECT value FROM (SELECT value, row_number() OVER (ORDER BY value) AS n, count(*) OVER () AS total
                    FROM (SELECT {name} AS value FROM ({scan}) WHERE {name} IS NOT NULL USING SAMPLE reservoir({SampledRows} ROWS) REPEATABLE (1)))
                  WHERE (n * {1 << Bits}) // total <> ((n - 1) * {1 << Bits}) // total)
                """), cancellationToken);
            var variable = session.NextName("bounds");
            await session.ExecuteAsync($"SET VARIABLE {variable} = (SELECT bounds FROM {bounds}); DROP TABLE {bounds}", cancellationToken);
            ranks.Add($"coalesce(len(list_filter(getvariable('{variable}'), lambda mesh_bound: mesh_bound < {name})), 0)");
        }

        if (ranks.Count == 1)
            return $" ORDER BY {SqlText.Identifier(columns[0].Name)}";
        var bits = new StringBuilder();
        for (var bit = Bits - 1; bit >= 0; bit--)
        {
            foreach (var (rank, i) in ranks.Select((rank, i) => (rank, i)))
                bits.Append(CultureInfo.InvariantCulture, $"{(bits.Length == 0 ? "" : " + ")}((({rank}) >> {bit}) & 1)::HUGEINT * {(System.Numerics.BigInteger)1 << ((bit * ranks.Count) + (ranks.Count - 1 - i))}");
        }

        return $" ORDER BY {bits}";
    }
}
