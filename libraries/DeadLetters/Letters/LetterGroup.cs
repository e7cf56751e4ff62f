namespace RealTimeMesh.DeadLetters.Letters;

/// <summary>Letters of one cause.</summary>
/// <param name="Number">The store's own.</param>
/// <param name="DeadLetterTopic">The topic they were collected from.</param>
/// <param name="Message">Of the first letter.</param>
/// <param name="LastFiveMinutes">Letters that failed in the last five minutes.</param>
/// <param name="LastHour">Letters that failed in the last hour.</param>
public sealed record LetterGroup(
    int Number, string Fingerprint, string DeadLetterTopic, string? Topic, string Consumer, string Class, string Rule, string? Field, string? Expected, string? Message,
    DateTimeOffset FirstSeen, DateTimeOffset LastSeen, StateCounts Counts, long LastFiveMinutes, long LastHour);

/// <summary>Letters by state.</summary>
public readonly record struct StateCounts(long Open, long Redriving, long Redriven, long Discarded)
{
    public long Total => Open + Redriving + Redriven + Discarded;

    public long Of(LetterState state) => state switch { LetterState.Open => Open, LetterState.Redriving => Redriving, LetterState.Redriven => Redriven, _ => Discarded };
}
