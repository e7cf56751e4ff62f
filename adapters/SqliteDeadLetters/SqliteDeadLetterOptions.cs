namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Where and how letters are kept.</summary>
public sealed record SqliteDeadLetterOptions
{
    /// <summary>The database file; its folder is made.</summary>
    public required string Path { get; init; }

    /// <summary>Most distinct causes: further ones share a group for each rule. Default 100,000.</summary>
    public int MostGroups { get; init; } = 100_000;

    /// <summary>Requests that read at once. Default 4; each has a connection and up to <see cref="ReaderCacheMegabytes"/> of pages.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Default 16 MiB.</summary>
    public int ReaderCacheMegabytes { get; init; } = 16;

    /// <summary>Pages that the writer keeps. Default 64 MiB: indexes of keys and traces are written all over.</summary>
    public int WriterCacheMegabytes { get; init; } = 64;
}
