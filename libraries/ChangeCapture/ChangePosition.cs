namespace RealTimeMesh.ChangeCapture;

/// <summary>How far the changes of a source have been read: durable, so that reading goes on where it stopped.</summary>
public sealed record ChangePosition
{
    /// <summary>Everything the log holds before this place has been read.</summary>
    public long Lsn { get; init; }

    /// <summary>Place of the commit of a transaction that has been read in part; 0 where there is none.</summary>
    public long Transaction { get; init; }

    /// <summary>How many changes of that transaction have been read.</summary>
    public long Index { get; init; }

    /// <summary>How far the tables have been read at first; null once that is done, or was not wanted.</summary>
    public SnapshotPosition? Snapshot { get; init; }

    /// <summary>The database that this position belongs to.</summary>
    public string Database { get; init; } = "";

    /// <summary>The branch of the server's history that was read; another server takes over on a branch of its own. 0 where it is not known.</summary>
    public long Timeline { get; init; }

    /// <summary>The tables it stands for: others that are captured later are read whole first.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>How each table was published, in the connector's words: what was published otherwise meanwhile may have lost changes.</summary>
    public IReadOnlyDictionary<string, string> Published { get; init; } = new Dictionary<string, string>();
}

/// <summary>How far the first read of the tables has come.</summary>
public sealed record SnapshotPosition
{
    /// <summary>Tables that are done.</summary>
    public IReadOnlyList<string> Done { get; init; } = [];

    /// <summary>The table in work; null between tables.</summary>
    public string? Table { get; init; }

    /// <summary>True where the tables had been read before and changes since then are lost: each is said to be emptied first.</summary>
    public bool Again { get; init; }

    /// <summary>Key of the last row of it that was read, as text; empty before the first and for tables without a key.</summary>
    public IReadOnlyList<string> LastKey { get; init; } = [];
}
