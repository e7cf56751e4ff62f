using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Ingestion.Sources.Files;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>
/// How far a source has been published, with what came of it: one record, so that position and counters can't drift
/// apart. Written after the publishes it covers were acknowledged.
/// </summary>
internal sealed record SourceRecord
{
    public SourcePosition Position { get; init; } = new();

    public long Accepted { get; init; }

    public long Rejected { get; init; }

    public bool Done { get; init; }
}

/// <summary>Where to go on reading.</summary>
internal sealed record SourcePosition
{
    /// <summary>Rows read; the number of the next row.</summary>
    public long Rows { get; init; }

    /// <summary>Byte offset of the next row in the text, or of its block (Avro).</summary>
    public long Offset { get; init; }

    /// <summary>Row group (Parquet) or block (Avro) of the next row and its place there.</summary>
    public int RowGroup { get; init; }

    public int RowInGroup { get; init; }

    /// <summary>The rest of the file is given up.</summary>
    public bool Ended { get; init; }

    /// <summary>Of a folder: the page of its journal and the entry there that is being read, and rows read of it.</summary>
    public int Page { get; init; }

    public int Entry { get; init; }

    public long FileRows { get; init; }

    /// <summary>The file that the position belongs to; null where there is none.</summary>
    public FileFingerprint? File { get; init; }

    /// <summary>Place in a database's log.</summary>
    public ChangePosition? Changes { get; init; }

    /// <summary>What is added to the row's number for its sequence number, because some numbers may stand for other rows.</summary>
    public long Ahead { get; init; }

    /// <summary>Fields of the contract that a column of the table gives, by table.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Fields { get; init; }
}
