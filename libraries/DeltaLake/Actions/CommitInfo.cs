namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>commitInfo</c> action: who committed what.</summary>
internal sealed record CommitInfo
{
    public long? Timestamp { get; init; }

    public string? Operation { get; init; }

    public IReadOnlyDictionary<string, string> OperationParameters { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> OperationMetrics { get; init; } = new Dictionary<string, string>();

    public long? ReadVersion { get; init; }

    public bool IsBlindAppend { get; init; }

    public string? EngineInfo { get; init; }

    public string? TxnId { get; init; }

    public string? IsolationLevel { get; init; }

    /// <summary>Free text of the user.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>Such as <c>delta.rowTracking.preserved</c>.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z, strictly rising from version to version (feature <c>inCommitTimestamp</c>); null where the table has it not.</summary>
    public long? InCommitTimestamp { get; init; }
}
