namespace RealTimeMesh.Ingestion.Tenants;

/// <summary>What a tenant may send; null where there is no limit.</summary>
internal sealed record RateLimit
{
    public static RateLimit None { get; } = new();

    public double? EventsPerSecond { get; init; }

    /// <summary>Bytes of events as they came, unpacked.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Seconds of its rate that a tenant which was silent may send at once. Default 1, which generated readers would not keep with init.</summary>
    public double BurstSeconds { get; set; } = 1;
}
