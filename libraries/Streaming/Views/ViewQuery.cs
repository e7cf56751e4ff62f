namespace RealTimeMesh.Streaming;

/// <summary>Which windows of a view to read.</summary>
public sealed record ViewQuery
{
    /// <summary>Values of the <c>by</c> fields, joined by <c>|</c>; null for all groups.</summary>
    public string? Key { get; init; }

    /// <summary>Windows that start at this time or later; null for no bound.</summary>
    public DateTime? From { get; init; }

    /// <summary>Windows that start before this time; null for no bound.</summary>
    public DateTime? To { get; init; }

    /// <summary>Most rows, 1 to 10,000. Default 100.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Newest windows first, the default. Groups within a window are always in ascending order of their key.</summary>
    public bool Descending { get; init; } = true;

    /// <summary><see cref="ViewPage.Next"/> of the page before, to go on after it.</summary>
    public string? After { get; init; }
}
