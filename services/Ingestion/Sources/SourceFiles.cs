using RealTimeMesh.Ingestion.Sources.Folders;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>What is known of a folder's files.</summary>
internal sealed record SourceFiles
{
    /// <summary>Files whose rows are all published, since the source began.</summary>
    public long Read { get; init; }

    /// <summary>Files that were found and are not begun: new ones and those that are still written to.</summary>
    public long Waiting { get; init; }

    /// <summary>The file that is being read; null where none is.</summary>
    public string? Current { get; init; }

    /// <summary>Everything that was there at the last listing is published.</summary>
    public bool CaughtUp { get; init; }

    /// <summary>Files that something is wrong with, the first hundred.</summary>
    public IReadOnlyList<FileProblem> Problems { get; init; } = [];

    /// <summary>How many there are in all.</summary>
    public long ProblemCount { get; init; }
}
