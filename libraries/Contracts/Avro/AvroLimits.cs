namespace RealTimeMesh.Contracts;

/// <summary>What a reader takes from bytes that nobody vouches for. Lengths of texts and bytes are bounded by the payload itself.</summary>
public sealed record AvroLimits
{
    /// <summary>The limits that hold where none are given.</summary>
    public static AvroLimits Default { get; } = new();

    /// <summary>Most values within values. Default 128: each level costs stack, and recursive schemas set no bound of their own.</summary>
    public int MaxDepth { get; init; } = 128;

    /// <summary>
    /// Most items of arrays that take no bytes (nulls, records without fields) in one payload. Default 100,000: five bytes could
    /// claim 2^31 of them. Items that take bytes are bounded by the payload.
    /// </summary>
    public int MaxEmptyItems { get; init; } = 100_000;
}
