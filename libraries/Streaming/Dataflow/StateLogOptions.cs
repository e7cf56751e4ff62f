namespace RealTimeMesh.Streaming;

/// <summary>Sizes of a <see cref="StateLog"/>.</summary>
internal sealed record StateLogOptions
{
    /// <summary>Bytes of one row of a copy. Default 512 KiB.</summary>
    public int PieceBytes { get; init; } = 512 * 1024;

    /// <summary>Bytes of changes after which a copy of the whole state is begun, where that is more than the last copy. Default 16 MiB.</summary>
    public long CopyAfterBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Commits after which a copy is begun, whatever their size: each is a row to read at the next start. Default 5,000.</summary>
    public int CopyAfterCommits { get; init; } = 5_000;

    /// <summary>Rows that are over deleted with one commit. Default 500.</summary>
    public int DeletesPerCommit { get; init; } = 500;

    /// <summary>Rows asked for at once at a start. Default 64.</summary>
    public int ReadRows { get; init; } = 64;
}
