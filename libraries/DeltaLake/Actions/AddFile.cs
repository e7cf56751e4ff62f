using System.Text;

namespace RealTimeMesh.DeltaLake;

/// <summary>An <c>add</c> action.</summary>
/// <param name="Path">Relative to the table, not URI-encoded; absolute where the log says so.</param>
/// <param name="PartitionValues">Physical name of a partition column to its value in the log's text form; null for a null (or empty) value.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModificationTime">Milliseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="DataChange">False where the file only rearranges rows.</param>
/// <param name="NumRecords">Rows in the file, those its deletion vector deletes too; -1 where unknown.</param>
/// <param name="Stats">The statistics as the JSON text of the log, or null.</param>
public sealed record AddFile(string Path, IReadOnlyDictionary<string, string?> PartitionValues, long Size, long ModificationTime, bool DataChange, long NumRecords, string? Stats)
{
    private readonly ReadOnlyMemory<byte> _utf8Stats;

    /// <summary>The statistics as the JSON text of the log, or null.</summary>
    public string? Stats
    {
        // Most files of a large table are never asked for theirs: as bytes they take half the memory, and no time.
        get => field ??= _utf8Stats.IsEmpty ? null : Encoding.UTF8.GetString(_utf8Stats.Span);
        init;
    } = Stats;

    /// <summary>The statistics as bytes that are decoded when they are asked for.</summary>
    internal ReadOnlyMemory<byte> Utf8Stats
    {
        init => _utf8Stats = value;
    }

    /// <summary>Tags of the writer, or null.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }

    /// <summary>Rows of the file that are deleted; null for none.</summary>
    public DeletionVectorDescriptor? DeletionVector { get; init; }

    /// <summary>Row id of the file's first row (feature <c>rowTracking</c>), or null.</summary>
    public long? BaseRowId { get; init; }

    /// <summary>First version in which the path was added (feature <c>rowTracking</c>), or null.</summary>
    public long? DefaultRowCommitVersion { get; init; }

    /// <summary>Who clustered the file (feature <c>clustering</c>), or null.</summary>
    public string? ClusteringProvider { get; init; }

    /// <summary>Numbers that its writer gave rows of identity columns, by physical name; null for none. Not in the log: the commit advances the columns.</summary>
    internal IReadOnlyDictionary<string, IdentityRange>? Identity { get; init; }

    /// <summary>Physical names of identity columns that the table had and the rows have not. Not in the log.</summary>
    internal IReadOnlyList<string> Unnumbered { get; init; } = [];

    /// <summary>Rows a reader sees; -1 where unknown.</summary>
    public long LiveRecords => NumRecords < 0 ? -1 : NumRecords - (DeletionVector?.Cardinality ?? 0);

    /// <summary>What identifies the file in a snapshot: path and deletion vector.</summary>
    internal FileKey Key => new(Path, DeletionVector?.UniqueId);
}
