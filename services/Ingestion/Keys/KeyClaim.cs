namespace RealTimeMesh.Ingestion.Keys;

/// <summary>What an idempotency key means for the request that brings it; where neither is given the key is in use.</summary>
/// <param name="Request">The request is to be carried out.</param>
/// <param name="Answered">It was answered before.</param>
/// <param name="RetryAfter">When to ask again where it is being carried out.</param>
internal readonly record struct KeyClaim(KeyedRequest? Request, KeyRecord? Answered, TimeSpan RetryAfter)
{
    /// <summary>It came with another body before.</summary>
    public bool IsReused { get; private init; }

    public static KeyClaim Reused { get; } = new() { IsReused = true };

    public static KeyClaim Begun(KeyedRequest request) => new(request, null, default);

    public static KeyClaim Done(KeyRecord record) => new(null, record, default);

    public static KeyClaim Running(TimeSpan retryAfter) => new(null, null, retryAfter);
}
