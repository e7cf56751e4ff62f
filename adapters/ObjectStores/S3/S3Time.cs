namespace RealTimeMesh.ObjectStores.S3;

internal static class S3Time
{
    /// <summary>Headers have whole seconds, listings may have more.</summary>
    public static long Of(DateTime? time) => time is { } at ? new DateTimeOffset(at.ToUniversalTime()).ToUnixTimeSeconds() * 1000 : 0;
}
