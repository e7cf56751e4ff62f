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
}
