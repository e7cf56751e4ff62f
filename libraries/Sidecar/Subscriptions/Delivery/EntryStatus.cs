namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What the app says of an event.</summary>
internal enum EntryStatus : byte
{
    /// <summary>Nothing. In a bulk answer the event comes again.</summary>
    None,
    Retry,
    Success,
    Drop,

    /// <summary>A word that is none of daprd's.</summary>
    Unknown,
}
