namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Bulk delivery: most messages and longest wait after the first.</summary>
internal sealed record BulkSettings(int MaxMessages, TimeSpan MaxWait)
{
    private const int DefaultMessages = 100;
    private const int DefaultWaitMs = 1000;

    /// <summary>Settings as written, null where bulk delivery is off; zero and less stand for daprd's defaults.</summary>
    public static BulkSettings? From(bool enabled, int maxMessages, int maxWaitMs) => enabled
        ? new BulkSettings(maxMessages > 0 ? maxMessages : DefaultMessages, TimeSpan.FromMilliseconds(maxWaitMs > 0 ? maxWaitMs : DefaultWaitMs))
        : null;
}
