namespace RealTimeMesh.Console.Snapshots;

/// <summary>The whole mesh at one moment: what <c>/api/snapshot</c> answers and every page shows.</summary>
public sealed record MeshSnapshot
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Since when this console has been watching.</summary>
    public required DateTimeOffset WatchingSince { get; init; }

    public required LedgerSnapshot Ledger { get; init; }

    public required RatesSnapshot Rates { get; init; }

    /// <summary>Producer's acknowledgement to view visible; null until it was measured.</summary>
    public LatencySnapshot? Latency { get; init; }

    public required IReadOnlyList<PipelineSnapshot> Pipelines { get; init; }

    public required IReadOnlyList<AppSnapshot> Apps { get; init; }

    public required IReadOnlyList<BuildSnapshot> Builds { get; init; }

    /// <summary>Oldest first, evenly spaced, the last ten minutes at most.</summary>
    public required IReadOnlyList<HistoryPoint> History { get; init; }

    public static MeshSnapshot Empty(DateTimeOffset at) => new() { At = at, WatchingSince = at, Ledger = LedgerSnapshot.Unknown, Rates = new(0, 0, 0, 0), Pipelines = [], Apps = [], Builds = [], History = [] };
}

/// <summary>Events a second, over the last few seconds.</summary>
public sealed record RatesSnapshot(double Acked, double Applied, double Stored, double DeadLettered);

public sealed record LatencySnapshot(long Count, double P50Ms, double P99Ms, double MaxMs);

public sealed record HistoryPoint(DateTimeOffset At, double AckedPerS, double AppliedPerS, double StoredPerS, double P50Ms, double P99Ms);

public sealed record PipelineSnapshot
{
    public required string Name { get; init; }

    public required LedgerSnapshot Ledger { get; init; }

    public required RatesSnapshot Rates { get; init; }

    public required IReadOnlyList<StreamSnapshot> Streams { get; init; }

    public required IReadOnlyList<SourceSnapshot> Sources { get; init; }

    public required IReadOnlyList<ViewSnapshot> Views { get; init; }

    public required IReadOnlyList<TableSnapshot> Tables { get; init; }

    public required IReadOnlyList<LoadSnapshot> Warehouse { get; init; }

    public required DeadLettersSnapshot DeadLetters { get; init; }
}

public sealed record StreamSnapshot(string Name, string Topic, LedgerSnapshot Ledger, RatesSnapshot Rates, long Accepted, long Rejected, IReadOnlyList<WatermarkSnapshot> Watermarks);

/// <param name="Watermark">Of the partition itself.</param>
/// <param name="HoldsBack">It is this partition that keeps windows open.</param>
public sealed record WatermarkSnapshot(int Partition, long Offset, DateTimeOffset? Watermark, bool Idle, bool HoldsBack);

public sealed record SourceSnapshot(string Name, string Stream, string Kind, long Position, long? Total, bool Done, string? Error, double PerS);

/// <param name="From">The streams it reads.</param>
/// <param name="Window">How it divides time, in words.</param>
public sealed record ViewSnapshot(
    string Name, IReadOnlyList<string> From, string? Where, string Window, IReadOnlyList<string> By, IReadOnlyList<ViewColumnSnapshot> Columns,
    long Groups, long Windows, DateTimeOffset? OldestOpen, long Late, double PerS, bool Known);

public sealed record ViewColumnSnapshot(string Name, string Expression);

/// <param name="Layer">bronze, silver or gold; the part of the name before the point.</param>
/// <param name="SourceVersion">Version of the driving table that is built in; null for bronze and where nothing is built.</param>
/// <param name="Behind">Versions of the driving table not yet built in; null where unknown.</param>
/// <param name="Declared">Named by the pipeline, rather than only found in the lake.</param>
public sealed record TableSnapshot(
    string Name, string Layer, long Version, long Rows, long Files, long Bytes, DateTimeOffset? LastCommit, long? SourceVersion, long? Behind,
    IReadOnlyList<string> Reads, string? Error, double RowsPerS, bool Exists, bool Declared);

/// <summary>A gold table's way to the warehouse.</summary>
public sealed record LoadSnapshot(string Table, string To, long? Version, long? Rows, string? Error);

public sealed record DeadLettersSnapshot(long Total, IReadOnlyList<DeadLetterGroup> Groups, IReadOnlyList<DeadLetter> Latest, string? Error);

public sealed record DeadLetterGroup(string Rule, long Count, DateTimeOffset? Newest, string Example);

/// <summary>A rejected event, personal data masked.</summary>
public sealed record DeadLetter(
    string Stream, string Rule, string? Field, string Found, string Expected, string Message, string Source, long? Position,
    string Preview, bool PreviewIsWhole, bool IsText, long Length, DateTimeOffset? ReceivedAt, string DeadLetterTopic, int Partition, long Offset);

public sealed record BuildSnapshot(string Kind, string Pipeline, string Table, DateTimeOffset StartedAt, double DurationMs, bool Changed, long RowsWritten, long Rows, long Version, string? Error);

/// <param name="State"><c>up</c>, <c>degraded</c> (answers, not everything), <c>down</c> or <c>unknown</c> (not asked yet).</param>
/// <param name="Since">Since when it has been in that state.</param>
public sealed record AppSnapshot(string Id, string Role, Uri Url, string State, DateTimeOffset Since, DateTimeOffset? LastAnswer, double? ResponseMs, string? Error)
{
    public bool IsUp => State == "up";
}
