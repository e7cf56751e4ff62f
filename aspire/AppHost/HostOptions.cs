using RealTimeMesh.Pipelines;

namespace RealTimeMesh.AppHost;

/// <summary>What the command line asked for.</summary>
public sealed record HostOptions
{
    /// <summary>Pipelines to run; empty for all of the folder.</summary>
    public IReadOnlyList<string> Pipelines { get; init; } = [];

    /// <summary>Folder of pipeline folders.</summary>
    public required string PipelinesPath { get; init; }

    /// <summary>Folder for everything the mesh stores.</summary>
    public required string DataPath { get; init; }

    /// <summary>Folder of Dapr component files.</summary>
    public required string ComponentsPath { get; init; }

    /// <summary>Retry policies of apps: a folder of files, or one file. Nothing need be there.</summary>
    public string RetriesPath { get; init; } = "retries";

    /// <summary>The multi-app run file.</summary>
    public required string RunFile { get; init; }

    /// <summary><c>max</c>, <c>off</c>, a factor of event time, or empty for each source's own rate.</summary>
    public string Replay { get; init; } = "";

    /// <summary>End when every source is read, every event accounted for and gold built.</summary>
    public bool UntilDrained { get; init; }

    /// <summary>The one file or folder to read in place of the pipelines' sources; null for those.</summary>
    public AdHocSource? Ingest { get; init; }

    /// <summary>Where the summary goes as JSON; null for nowhere.</summary>
    public string? SummaryFile { get; init; }

    public bool NoConsole { get; init; }

    /// <summary>Empty the data folder first.</summary>
    public bool Fresh { get; init; }

    /// <summary>Ask the operating system for every port instead of the documented ones.</summary>
    public bool FreePorts { get; init; }

    /// <summary>How long a bounded run may go without any progress before it fails. Default 2 minutes: a merge of a large table is silent for a while.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long each part may take to stop. Default 10 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the mesh may take to become ready. Default 60 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
