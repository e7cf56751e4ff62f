using System.Globalization;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Storing;

/// <summary>A page of letters to read.</summary>
public sealed record LetterQuery
{
    public LetterFilter Filter { get; init; } = new();

    /// <summary>Oldest first. Default: newest first.</summary>
    public bool Ascending { get; init; }

    /// <summary>Begin after this place.</summary>
    public LetterCursor? After { get; init; }

    public int Limit { get; init; } = 50;

    /// <summary>Only letters up to this number: those that were there when it was the last one.</summary>
    public long Through { get; init; } = long.MaxValue;

    /// <summary>What the store's indexes cannot decide, such as a text.</summary>
    public Func<StoredLetter, bool>? Admits { get; init; }

    /// <summary>How long to look before a page is given back short. Default: as long as it takes.</summary>
    public TimeSpan MaxTime { get; init; } = Timeout.InfiniteTimeSpan;
}

/// <summary>A place in the order of letters: by time of failure, then by number.</summary>
/// <param name="At">Microseconds since 1970-01-01T00:00:00Z.</param>
public readonly record struct LetterCursor(long At, long Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At}_{Number}");

    public static LetterCursor? Parse(string text) =>
        text.Split('_') is [var at, var number] && long.TryParse(at, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time) && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var no)
            ? new LetterCursor(time, no)
            : null;
}

/// <param name="Next">Where to go on; null at the end.</param>
/// <param name="Scanned">Letters looked at.</param>
public sealed record LetterPage(IReadOnlyList<StoredLetter> Letters, LetterCursor? Next, long Scanned);
