using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.RowGroups;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>A file to read.</summary>
/// <param name="Path">Relative to the table or absolute.</param>
/// <param name="PartitionValues">By physical name.</param>
/// <param name="Constants">SQL of further columns that are the same for all rows of the file.</param>
internal sealed record ScanFile(string Path, IReadOnlyDictionary<string, string?> PartitionValues, IReadOnlyList<string> Constants)
{
    private const int BytesOfRow = 50;

    /// <summary>The rows of this vector only; null for all.</summary>
    public DeletionVectorDescriptor? Only { get; init; }

    /// <summary>Not the rows of this vector.</summary>
    public DeletionVectorDescriptor? Without { get; init; }

    /// <summary>Bytes, or -1 where they are not known.</summary>
    public long Size { get; init; } = -1;

    /// <summary>The rows of these ranges only; null for all. Row groups outside of them are not read.</summary>
    public IReadOnlyList<RowRange>? Ranges { get; init; }

    /// <summary>The ranges as a condition; empty for all rows.</summary>
    public string RangeFilter => Ranges is null ? "" : string.Join(" OR ", Ranges.Select(range => string.Create(CultureInfo.InvariantCulture, $"(f.file_row_number >= {range.First} AND f.file_row_number < {range.End})")));

    /// <summary>Rows the file holds, or a guess: what the order of joins is chosen by.</summary>
    public long EstimatedRows { get; init; } = 10_000;

    /// <summary>Row id of the first row, and the version in which the file came; null where the log does not tell.</summary>
    public (long First, long Version)? RowIds { get; init; }

    /// <summary>Which rows are read.</summary>
    public RowChoice Rows => Only is not null ? RowChoice.Listed : Without is not null ? RowChoice.NotListed : RowChoice.All;

    public static ScanFile Of(AddFile file) => new(file.Path, file.PartitionValues, [])
    {
        Without = file.DeletionVector,
        Size = file.Size,
        RowIds = file is { BaseRowId: { } first, DefaultRowCommitVersion: { } version } ? (first, version) : null,
        EstimatedRows = file.NumRecords >= 0 ? file.NumRecords : Math.Max(1, file.Size / BytesOfRow),
    };

    public static ScanFile Of(AddFile file, IReadOnlyList<RowRange>? ranges) => ranges is null ? Of(file) : Of(file) with { Ranges = ranges, EstimatedRows = ranges.Sum(range => range.End - range.First) };
}

/// <summary>Which rows of a file are read.</summary>
internal enum RowChoice
{
    All,
    Listed,
    NotListed,
}
