namespace RealTimeMesh.Pipelines;

/// <summary>A folder whose files are read one after the other, as one source.</summary>
public sealed record FolderDefinition
{
    /// <summary>Absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>Which files, by their path below the folder: <c>*</c> and <c>?</c> within a name, <c>**</c> across folders. A pattern without a slash is asked of the name alone.</summary>
    public string Pattern { get; init; } = "*";

    /// <summary>Files of the folders below as well. Default: where the pattern has <c>**</c> or a slash.</summary>
    public bool Recursive { get; init; }

    public FolderOrder Order { get; init; }

    /// <summary>How often the folder is listed; a notice of the file system comes sooner, where it comes. Default 5 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a file must not have been written to before it is taken. Default 2 s; 0 takes files at once, for writers that rename.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    public AfterFile After { get; init; }

    /// <summary>Absolute path of the folder that read files are moved to; null where they are not.</summary>
    public string? Archive { get; init; }

    public ChangedFile Changed { get; init; }

    /// <summary>Files are read as they grow, like logs: each line once its line break is there. Text without compression only.</summary>
    public bool Tail { get; init; }

    /// <summary>Waits for further files. Default true; false ends with the files that are there.</summary>
    public bool Watch { get; init; } = true;
}

/// <summary>In what order new files are taken that are there at the same time.</summary>
public enum FolderOrder
{
    /// <summary>By their path below the folder, byte by byte.</summary>
    Name,

    /// <summary>By the time of their last change, then by path.</summary>
    Modified,
}

/// <summary>What becomes of a file once all of it is stored.</summary>
public enum AfterFile
{
    Keep,
    Archive,
    Delete,
}

/// <summary>What is done about a file that is no longer as it was when it was taken.</summary>
public enum ChangedFile
{
    /// <summary>It is reported by name and left alone.</summary>
    Error,

    /// <summary>It is read again, whole, as new events.</summary>
    Again,
}

/// <summary>What a source does about a file that cannot be read on.</summary>
public enum FileFaultPolicy
{
    /// <summary>Stays there, says so, and tries again.</summary>
    Stop,

    /// <summary>Dead-letters what it cannot read as one event with the reason, and goes on behind it.</summary>
    Skip,
}
