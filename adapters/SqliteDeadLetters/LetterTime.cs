namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Times as the tables hold them: microseconds since 1970-01-01T00:00:00Z.</summary>
internal static class LetterTime
{
    public const long Minute = 60_000_000;

    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset From(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
