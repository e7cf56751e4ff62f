namespace RealTimeMesh.Topics.Browsing;

/// <summary>Which records to look at, and which of them to show.</summary>
public sealed record MessageQuery
{
    public string Topic { get; init; } = "";

    /// <summary>Only these; all where empty.</summary>
    public IReadOnlyList<int> Partitions { get; init; } = [];

    /// <summary>First offset; null for the oldest.</summary>
    public long? FromOffset { get; init; }

    /// <summary>First offset by partition; it comes before <see cref="FromOffset"/>.</summary>
    public IReadOnlyDictionary<int, long>? FromOffsets { get; init; }

    /// <summary>Offset before which to stop; null for the end of the partition when the query began.</summary>
    public long? ToOffset { get; init; }

    /// <summary>Records stored from then on.</summary>
    public DateTimeOffset? FromTime { get; init; }

    /// <summary>Records stored before then.</summary>
    public DateTimeOffset? ToTime { get; init; }

    /// <summary>The newest so many of each partition.</summary>
    public long? Last { get; init; }

    /// <summary>Go on with what is stored from now on, until the reader leaves; <see cref="Last"/> records before it. Other ranges and bounds do not count then.</summary>
    public bool Follow { get; init; }

    /// <summary>A text in key, value or headers, whatever its case.</summary>
    public string? Contains { get; init; }

    /// <summary>Comparisons that must all hold, such as <c>price &gt; 10</c>, <c>key = AAPL</c>, <c>header.ce_type = trade</c>.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary><c>auto</c>, <c>avro</c>, <c>json</c>, <c>text</c> or <c>bytes</c>.</summary>
    public string Decode { get; init; } = "auto";

    /// <summary>Most records to show. Default 100, at most 10,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Most records to look at. Default 1,000,000.</summary>
    public long MaxScanned { get; init; } = 1_000_000;

    /// <summary>Most time to look. Default 60 s.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Values longer than this are cut where they are shown. Default 64 KiB.</summary>
    public int MaxValueBytes { get; init; } = 64 * 1024;
}
