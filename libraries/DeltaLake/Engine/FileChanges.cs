namespace RealTimeMesh.DeltaLake;

/// <summary>What an attempt has written, to be committed.</summary>
public sealed record FileChanges
{
    /// <summary>New files, and files of the snapshot with other deletion vectors.</summary>
    public IReadOnlyList<AddFile> Added { get; init; } = [];

    /// <summary>Files of the snapshot whose rows are gone or elsewhere.</summary>
    public IReadOnlyList<AddFile> Removed { get; init; } = [];

    /// <summary>Change files.</summary>
    public IReadOnlyList<CdcFile> Changes { get; init; } = [];

    /// <summary>Files of the snapshot that were read.</summary>
    public IReadOnlyList<AddFile> Read { get; init; } = [];

    /// <summary>Whether a file the attempt could not know might have rows it should have read; null: any.</summary>
    public Func<AddFile, bool>? MayMatch { get; init; }

    /// <summary>True where nothing of the table was read, so that concurrent commits do not matter.</summary>
    public bool ReadsNothing { get; init; }

    /// <summary>True where every row that moved to another file has its row id there; see <see cref="RowOperation.RowTracking"/>.</summary>
    public bool KeepsRowIds { get; init; }

    /// <summary>Numbers that new rows got of each <see cref="Assignment.Numbers"/>, from the first on.</summary>
    public long NumberedRows { get; init; }

    /// <summary>Figures by Spark's names.</summary>
    public IReadOnlyDictionary<string, long> Metrics { get; init; } = new Dictionary<string, long>();

    public bool IsEmpty => Added.Count + Removed.Count + Changes.Count == 0;
}
