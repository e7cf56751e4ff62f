namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Doubling pauses.</summary>
internal static class Backoff
{
    public static TimeSpan Next(TimeSpan delay, TimeSpan longest) => delay * 2 < longest ? delay * 2 : longest;
}
