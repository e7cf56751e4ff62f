namespace RealTimeMesh.Garnet;

/// <summary>How the embedded Redis-protocol server runs.</summary>
public sealed record GarnetOptions
{
    /// <summary>Folder of its append-only file and checkpoints; made where it does not exist.</summary>
    public required string DataPath { get; init; }

    /// <summary>Loopback port; 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Memory for values, in MiB. What does not fit goes to disk. Default 128: a value that is written again while it is on disk is fifty times slower.</summary>
    public int MemoryMiB { get; init; } = 128;

    /// <summary>Memory for the index of keys, in MiB. Default 8.</summary>
    public int IndexMiB { get; init; } = 8;

    /// <summary>Size of the append-only file, in MiB, beyond which a checkpoint is taken and the file is cut. Default 256.</summary>
    public int AppendOnlyFileMiB { get; init; } = 256;

    /// <summary>Pause between two looks for values that were overwritten, whose room on disk is then given back. Default 1 minute.</summary>
    public TimeSpan CompactionInterval { get; init; } = TimeSpan.FromMinutes(1);
}
