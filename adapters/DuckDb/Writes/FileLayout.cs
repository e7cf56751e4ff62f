using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>How rows go into files.</summary>
internal sealed record FileLayout
{
    /// <summary>Rows of a row group unless a layout says otherwise: DuckDB's own number.</summary>
    public const int RowGroupRows = 122_880;

    private const int VectorRows = 2048;

    /// <summary>An ORDER BY, or empty.</summary>
    public string Order { get; init; } = "";

    /// <summary>About how many rows a file is to have, where that is few: a file ends only with a row group.</summary>
    public long? RowsOfFile { get; init; }

    /// <summary>A file in whose partition all rows are; null where they are split by their values.</summary>
    public AddFile? Partition { get; init; }

    /// <summary>Most rows there are, where they are so few that a thread writes them faster than two would: in groups of about one size.</summary>
    public long? FewRows { get; init; }

    /// <summary>The layout of at most so many rows that go with row groups copied from other files; null where there is none to be chosen.</summary>
    public static FileLayout? OfFew(long rows) => rows is > 0 and <= 2 * RowGroupRows ? new FileLayout { FewRows = rows } : null;

    /// <summary>Rows of a row group; null for DuckDB's own number.</summary>
    public long? GroupRows => (RowsOfFile, FewRows) switch
    {
        ({ } rows, _) => Math.Clamp(rows / VectorRows * VectorRows, VectorRows, RowGroupRows),
        // Half as many again still make one group: a group of a few rows would follow each full one.
        (_, { } few) => ((few / (few > RowGroupRows * 3 / 2 ? 2 : 1)) + VectorRows) / VectorRows * VectorRows,
        _ => null,
    };
}
